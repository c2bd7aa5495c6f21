import { describe, expect, it } from 'vitest';

interface Size {
  name: string;
  methods: number;
  fields: number;
}
const { classesInCpp, classesInTs } = (await import('../../scripts/class-text.mjs' as string)) as {
  classesInCpp(text: string): Size[];
  classesInTs(text: string): Size[];
};

describe('the count of classes in the sources of C++', () => {
  it('counts public methods and fields, and neither constructors nor deleted functions nor types', () => {
    const text = `
      namespace rtm::net {
      class Reader final : public Source<int> {
       public:
        Reader(int a, Callback done) : a_(a), timer_(loop, [this] { tick(); }), b_{1} { start(); }
        ~Reader() override = default;
        Reader(const Reader&) = delete;
        using Callback = std::function<void(int)>;
        static constexpr int kMost = 4;
        enum class State { Idle, Busy };
        void tick() { if (a_ > 0) { a_ = 0; } }  // void notCounted();
        int take(int count = most()) const;
        static Reader& all();
        bool operator==(const Reader&) const = default;

       private:
        void hidden();
        friend struct Other;
        int a_ = 0, b_;
        Timer timer_{loop, "text; with { signs"};
        std::function<void(int)> done_;
        std::map<int, std::vector<int>> table_;
      };
      }  // namespace rtm::net`;
    expect(classesInCpp(text)).toEqual([{ name: 'rtm::net::Reader', methods: 4, fields: 5 }]);
  });

  it('counts the members of a struct and of a class inside it apart', () => {
    const text =
      'struct Loop::State {\n  struct Entry {\n    int a; int b;\n    void f();\n  };\n  Entry one{1, 2};\n  int g() { return 1; }\n};';
    expect(classesInCpp(text)).toEqual([
      { name: 'Loop::State', methods: 1, fields: 1 },
      { name: 'Entry', methods: 1, fields: 2 },
    ]);
  });

  it('takes no enumeration for a class', () => {
    expect(classesInCpp('enum class Kind : int { A, B };\nclass Forward;')).toEqual([]);
  });
});

describe('the count of classes of TypeScript', () => {
  it('counts public methods, accessors, fields, and parameters that become fields', () => {
    const text = `
export class Reader<T> extends Base implements Source {
  static readonly MOST = 4;
  readonly #a: number;
  b?: string;
  protected c = (value: T) => {
    this.b = String(value);
  };

  constructor(
    private readonly core: Core,
    readonly name: string,
    plain: number,
  ) {
    super();
    this.#a = plain;
  }

  get size(): number {
    return this.#a;
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<T> {
    if (this.#a > 0) {
      this.hidden();
    }
  }

  take<K extends keyof T>(key: K): T[K] {
    return this.#find(key);
  }

  #find(key: unknown): never {
    throw new Error(String(key));
  }

  private hidden(): void {}
}

class Other {
  run(): void {}
}
`;
    expect(classesInTs(text)).toEqual([
      { name: 'Reader', methods: 3, fields: 5 },
      { name: 'Other', methods: 1, fields: 0 },
    ]);
  });
});
