// Which JavaScript object an event belongs to, and whether anything keeps the event loop alive.

/** One entry of a {@link Registry}. */
interface Entry<T extends object> {
  /** Set while events are expected: the program may have no other reference to the object than its handlers. */
  strong: T | undefined;
  readonly weak: WeakRef<T>;
}

/**
 * Handle → object. An object at rest (nobody logged in, nothing under way) is held weakly: a program that drops it
 * without `release` gets its memory back, and the native side is freed.
 */
export class Registry<T extends object> {
  readonly #entries = new Map<number, Entry<T>>();
  readonly #collected = new FinalizationRegistry<{ handle: number; free: (handle: number) => void }>(
    ({ handle, free }) => {
      // A handle is never used twice, so a deleted handle cannot name another object.
      if (this.delete(handle)) free(handle);
    },
  );
  /** The entry of the last lookup: events of one object come in runs. */
  #last: Entry<T> | undefined;
  #lastHandle = 0;

  get size(): number {
    return this.#entries.size;
  }

  /** Adds an object at rest. `free` is called if it is collected before it is deleted; it must not refer to it. */
  add(handle: number, object: T, free: (handle: number) => void): void {
    this.#entries.set(handle, { strong: undefined, weak: new WeakRef(object) });
    this.#collected.register(object, { handle, free });
  }

  get(handle: number): T | undefined {
    if (handle !== this.#lastHandle) {
      this.#last = this.#entries.get(handle);
      this.#lastHandle = this.#last === undefined ? 0 : handle;
    }
    return this.#last && (this.#last.strong ?? this.#last.weak.deref());
  }

  /** Holds the object while events are expected, or lets it go. */
  hold(handle: number, held: boolean): void {
    const entry = this.#entries.get(handle);
    if (entry) entry.strong = held ? entry.weak.deref() : undefined;
  }

  /** True if it was there. */
  delete(handle: number): boolean {
    if (handle === this.#lastHandle) {
      this.#last = undefined;
      this.#lastHandle = 0;
    }
    return this.#entries.delete(handle);
  }
}

/** Counts the reasons to keep the event loop alive, and tells when the first comes and when the last goes. */
export class Liveness {
  #count = 0;
  readonly #set: (alive: boolean) => void;

  constructor(set: (alive: boolean) => void) {
    this.#set = set;
  }

  get count(): number {
    return this.#count;
  }

  hold(): void {
    if (this.#count++ === 0) this.#set(true);
  }

  drop(): void {
    if (--this.#count === 0) this.#set(false);
  }
}

/** One object's share in a {@link Liveness}: whether there is a reason to stay alive, and whether it may count. */
export class LivenessShare {
  #wanted = false;
  #referenced = true;
  #counted = false;
  readonly #liveness: Liveness;

  constructor(liveness: Liveness) {
    this.#liveness = liveness;
  }

  set wanted(wanted: boolean) {
    this.#wanted = wanted;
    this.#update();
  }

  set referenced(referenced: boolean) {
    this.#referenced = referenced;
    this.#update();
  }

  #update(): void {
    const counts = this.#wanted && this.#referenced;
    if (counts === this.#counted) return;
    this.#counted = counts;
    if (counts) this.#liveness.hold();
    else this.#liveness.drop();
  }
}
