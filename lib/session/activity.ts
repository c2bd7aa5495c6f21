import { LivenessShare } from '../native/registry.js';
import type { Runtime } from '../native/runtime.js';

/**
 * Whether events of one session are to be expected. While they are, the registry holds the session and its channels,
 * and unless {@link referenced} is false, the event loop goes on.
 *
 * Open results count as well as the connection: the last results come after the last change of its state.
 */
export class Activity {
  readonly #runtime: Runtime;
  readonly #alive: LivenessShare;
  /** Handles of the session and of its channels. */
  readonly #handles = new Set<number>();
  /** Accepted calls whose result is still to come. */
  #pending = 0;
  #connected = false;
  #active = false;

  constructor(runtime: Runtime) {
    this.#runtime = runtime;
    this.#alive = new LivenessShare(runtime.liveness);
  }

  /** Whether an active session keeps the process alive. */
  set referenced(referenced: boolean) {
    this.#alive.referenced = referenced;
  }

  set connected(connected: boolean) {
    this.#connected = connected;
    this.#settle();
  }

  /** Holds the object of this handle while the session is active. */
  add(handle: number): void {
    this.#handles.add(handle);
    if (this.#active) this.#runtime.objects.hold(handle, true);
  }

  /** The object was released; `pending` of its calls will have no result. */
  remove(handle: number, pending: number): void {
    this.#handles.delete(handle);
    this.#pending -= pending;
    this.#settle();
  }

  /** Counts a call that returned `code`: if it was accepted, its result is still to come. Returns `code`. */
  accepted(code: number): number {
    if (code === 0 && this.#pending++ === 0) this.#settle();
    return code;
  }

  /** Counts a result. */
  concluded(): void {
    if (this.#pending > 0 && --this.#pending === 0) this.#settle();
  }

  /** The session is released: no event is to be expected any more. */
  end(): void {
    this.#pending = 0;
    this.#connected = false;
    this.#settle();
    this.#handles.clear();
  }

  #settle(): void {
    const active = this.#connected || this.#pending > 0;
    if (active === this.#active) return;
    this.#active = active;
    for (const handle of this.#handles) this.#runtime.objects.hold(handle, active);
    this.#alive.wanted = active;
  }
}
