// A stream of numbered messages with a bounded number in flight, the same for every system.
//
// A message is in flight until the receiving program has it. A system that acknowledges end to end tells the sender so.
// Otherwise the receiver sends one credit for each quarter of the window back through the same system. A publisher whose
// server acknowledges waits for these acknowledgements as well.
//
// A message consists of a sign, nine digits and filling. The signs: m is a message, L the last message of a run, c a credit.

const STALL_MS = 20_000;
const HEAD = 10;

/** Makes the texts of messages of `size` characters. */
export function textsOf(size) {
  const fill = 'x'.repeat(Math.max(0, size - HEAD));
  return (sign, number) => sign + String(number).padStart(HEAD - 1, '0') + fill;
}

export function numberOf(text) {
  // Digit by digit, because a substring and its conversion cost more than some systems need for a whole message.
  let number = 0;
  for (let at = 1; at < HEAD; at++) number = number * 10 + text.charCodeAt(at) - 48;
  return number;
}

/** The sending end. `acks` and `credits` say whether it waits for acknowledgements and for credits. */
export class Sender {
  #options;
  #sent = 0;
  #acked = 0;
  #credited = 0;
  #last = false;
  #filling = false;
  #end;
  #resolve;
  #reject;
  #watch;

  /** `send(text, done)` hands one message over; `done(error?)` is called for its acknowledgement. */
  constructor(options) {
    this.#options = { ...options, text: textsOf(options.size) };
  }

  /** Sends for `seconds`; resolves with { messages, ms } when everything has arrived. */
  run() {
    const start = performance.now();
    this.#end = start + this.#options.seconds * 1000;
    const finished = new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
    let seen = -1;
    this.#watch = setInterval(() => {
      if (seen === this.#settled) this.#reject(new Error(`${this.#sent - seen} of ${this.#sent} messages are lost`));
      seen = this.#settled;
    }, STALL_MS);
    this.#fill();
    return finished
      .then(() => ({ messages: this.#sent, ms: performance.now() - start }))
      .finally(() => clearInterval(this.#watch));
  }

  credit(count) {
    this.#credited = count;
    this.#moved();
  }

  #done = (error) => {
    if (error) this.#reject(error);
    this.#acked += 1;
    this.#moved();
  };

  get #settled() {
    const { acks, credits } = this.#options;
    return Math.min(acks ? this.#acked : this.#sent, credits ? this.#credited : this.#sent);
  }

  #moved() {
    const { window } = this.#options;
    const waiting = this.#sent - this.#settled;
    if (this.#last && waiting === 0) this.#resolve();
    // A quarter of the window at a time, like a program that works in batches.
    else if (!this.#last && waiting <= window - Math.max(1, window >> 2)) this.#fill();
  }

  #fill() {
    if (this.#filling) return;
    this.#filling = true;
    const { send, text, window } = this.#options;
    try {
      while (!this.#last && this.#sent - this.#settled < window) {
        this.#last = this.#sent % 64 === 63 && performance.now() >= this.#end;
        const number = this.#sent;
        this.#sent += 1;
        send(text(this.#last ? 'L' : 'm', number), this.#done);
      }
    } catch (error) {
      this.#reject(error);
    }
    this.#filling = false;
  }
}

/** The receiving end: `members` receivers of the same stream, each of which must get every message once and in order. */
export class Receiver {
  #next;
  #total = 0;
  #chunk;
  #credited = 0;
  #last = 0;
  #credit;
  #problem;
  #awaited = { total: -1 };

  /** `credit(text)` sends a credit to the sender. It is absent if the system acknowledges end to end. */
  constructor({ members = 1, window, credit }) {
    this.#next = new Array(members).fill(0);
    this.#chunk = Math.max(1, window >> 2);
    this.#credit = credit;
  }

  take(member, text) {
    const number = numberOf(text);
    if (number !== this.#next[member]) this.#problem ??= `expected message ${this.#next[member]}, got ${number}`;
    this.#next[member] = number + 1;
    this.#total += 1;
    if (text.charCodeAt(0) === 76) this.#last = number + 1;
    if (this.#total === this.#awaited.total) this.#awaited.resolve();
    if (this.#credit === undefined) return;
    const all = this.#total / this.#next.length;
    if (all === this.#last || all >= this.#credited + this.#chunk) {
      this.#credited = Math.floor(all);
      this.#credit(`c${String(this.#credited).padStart(HEAD - 1, '0')}`);
    }
  }

  /** Rejects unless each member gets exactly `messages`, in order. An acknowledgement may be ahead of the program. */
  async check(messages) {
    const total = messages * this.#next.length;
    if (this.#total < total) {
      let timer;
      await new Promise((resolve) => {
        this.#awaited = { total, resolve };
        timer = setTimeout(resolve, STALL_MS);
      });
      clearTimeout(timer);
    }
    if (this.#problem !== undefined) throw new Error(`order: ${this.#problem}`);
    const short = this.#next.filter((next) => next !== messages);
    if (short.length > 0 || this.#total !== total) {
      throw new Error(`${short.length} of ${this.#next.length} receivers do not have all ${messages} messages`);
    }
  }
}
