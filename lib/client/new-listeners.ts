import type { EventEmitter } from 'node:events';

/**
 * Calls `coming` whenever somebody is about to listen for an event, so that what waited for a listener reaches it.
 *
 * A program that calls `removeAllListeners()` means its own; it would take this one out as well.
 */
export function onNewListener(emitter: EventEmitter, event: string, coming: () => void): void {
  const hook = (name: string): void => {
    // `coming` must tell later: the listener is not in place yet, and the program may add a second one.
    if (name === event) coming();
  };
  const { removeAllListeners } = emitter;
  const remove = (...names: [event?: string]): EventEmitter => {
    removeAllListeners.apply(emitter, names);
    if (!emitter.listeners('newListener').includes(hook)) emitter.on('newListener', hook);
    return emitter;
  };
  emitter.on('newListener', hook);
  Object.defineProperty(emitter, 'removeAllListeners', { value: remove, configurable: true, writable: true });
}
