import { EventEmitter, once } from 'node:events';
import { describe, expect, it } from 'vitest';
import { ClientScope } from '../../lib/client/client-scope.js';
import type { Session } from '../../lib/session/session.js';

const session = {} as Session;

describe('events that come with a settled promise', () => {
  it('wait for the listeners that the awaiting code adds', async () => {
    const scope = new ClientScope(session, 0);
    const emitter = new EventEmitter();
    const settled = deferred();
    const heard: string[] = [];
    const program = (async () => {
      await (async () => settled.promise)(); // as many turns of microtasks as an async function in between takes
      emitter.on('a', (payload: string) => heard.push(payload));
      emitter.on('b', (payload: string) => heard.push(payload));
    })();
    scope.hold();
    settled.resolve(undefined);
    scope.emit(emitter, 'a', '1');
    scope.emit(emitter, 'b', '2');
    scope.emit(emitter, 'a', '3');
    scope.tell(emitter, 'a', 'too early');
    await program;
    expect(heard).toEqual([]);
    const last = once(emitter, 'c');
    scope.emit(emitter, 'c', undefined);
    await last;
    expect(heard).toEqual(['1', '2', '3']);
    scope.emit(emitter, 'a', '4');
    expect(heard).toEqual(['1', '2', '3', '4']);
  });
});

function deferred() {
  let resolve: (value: unknown) => void = () => {};
  const promise = new Promise((done) => {
    resolve = done;
  });
  return { promise, resolve };
}
