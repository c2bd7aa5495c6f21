// Plays of bridge_fuzz: a question and its answer, news, and records alone.
import { sourceOf } from './choices.mjs';

export const bridgeSeeds = () => {
  const shapes = (list) => {
    const [, inside] = new RegExp(`${list}\\{([^;]*)\\};`).exec(sourceOf('bridge_fuzz'));
    return [...inside.matchAll(/::(\w+), "([^"]*)"/g)].map(([, name, fields]) => ({ name, fields }));
  };
  const news = shapes('kNews');
  /** Choices for the fields of a shape: each number 1, each text the first word, each list of one. */
  const fields = (shape) => {
    const bytes = [];
    for (const letter of shape) {
      if ('bwn'.includes(letter)) bytes.push(1);
      if ('ty'.includes(letter)) bytes.push(0);
      if (letter === 'L') bytes.push(1);
    }
    return bytes;
  };
  // ask(): the loop, the session, two texts and a blob, then what the question wants.
  const ask = (which, ...rest) => [which + 108 + 27, 0, 0, 0, 1, 1, ...rest].map((byte) => byte & 0xff);
  const take = [0];
  const turn = (loop) => [9, loop];
  const answer = (place, shape) => [2, 0, place, 0, ...fields(shape)];
  const operations = {
    3: 'OpenSession',
    4: 'ResumeSession',
    6: 'Join',
    7: 'Leave',
    8: 'Members',
    9: 'MemberCount',
    10: 'Presence',
    11: 'Watch',
    13: 'WriteUserAttributes',
    14: 'WriteChannelAttributes',
    15: 'UserAttributes',
    16: 'ChannelAttributes',
    17: 'EngineHistory',
    18: 'Kick',
    19: 'CloseUser',
    20: 'AppendOffline',
    21: 'LoadOffline',
    22: 'QueryHistory',
    23: 'FindMedia',
    24: 'TakeExpiredMedia',
    25: 'FindListedMedia',
    26: 'Authorize',
  };
  const wants = {
    7: [0, 0, 0, 0],
    8: [0, 0, 0, 0],
    9: [0, 0],
    6: [0],
    10: [1, 0],
    11: [1, 0],
    15: [0, 0, 1, 0],
    16: [0, 0, 1, 0],
  };
  Object.assign(wants, { 18: [0, 0], 19: [0, 0], 20: [0, 0, 0], 21: [0, 0], 25: [1, 0] });
  const answers = Object.fromEntries(shapes('kAnswers').map(({ name, fields }) => [name, fields]));
  const seeds = {};
  for (const [which, name] of Object.entries(operations)) {
    const question = ask(Number(which), ...(wants[which] ?? []));
    seeds[`answer-${name}`] = [...question, ...turn(0), ...take, ...answer(0, answers[name]), ...turn(0)];
  }
  news.forEach(({ name, fields: shape }, place) => {
    seeds[`news-${name}`] = [...seeds['answer-OpenSession'], 5, 0, place, 0, ...fields(shape), ...turn(0)];
  });
  seeds['sends'] = [ask(0, 1), ask(1, 1), ask(2, 1), turn(0), take, ask(0, 1), turn(0), [10, 9], turn(0), take].flat();
  seeds['broken'] = [
    ask(6, 0),
    turn(0),
    take,
    [7, 0, 0, ...fields(answers.Join), 0, 0, 5, 255],
    [8, 4, 1, 2, 3, 4],
  ].flat();
  // A first byte of 0: the rest is one record, read as each kind there is.
  seeds['record'] = [0, ...Buffer.alloc(80, 1)];
  seeds['record-list'] = [0, 0, 2, 0, 0, 0, ...Buffer.alloc(200)];
  return seeds;
};
