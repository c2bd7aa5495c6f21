import { expect, it } from 'vitest';
import { explainFailedWrite } from '../../../lib/server/storage/lmdb/disk-room.js';

const path = '/srv/rtm/data/store.lmdb';
const PAGE = 4096;

it.each([
  [
    0,
    'Input/output error: the disk of /srv/rtm/data is full (0.0 MiB free, expected 16); free some of it, or give it more room',
  ],
  [
    4095,
    'Input/output error: the disk of /srv/rtm/data is full (16.0 MiB free, expected 16); free some of it, or give it more room',
  ],
  [
    4096,
    'Input/output error: the disk of /srv/rtm/data has room (16.0 MiB free); look for its errors, and for a quota, in the log of the system',
  ],
])('tells a full disk from one that fails: %i pages free', (bavail, said) => {
  expect(explainFailedWrite(path, 'Input/output error', () => ({ bavail, bsize: PAGE }))).toBe(said);
});

it('says so if the disk is gone', () => {
  const gone = () => {
    throw Object.assign(new Error('gone'), { code: 'ESTALE' });
  };
  expect(explainFailedWrite(path, 'Input/output error', gone)).toBe(
    'Input/output error: the disk of /srv/rtm/data does not answer (ESTALE); see that it is there',
  );
});

it('asks the disk itself', () => {
  expect(explainFailedWrite(import.meta.filename ?? __filename, 'no')).toMatch(
    /^no: the disk of \S+ (has room|is full) \(\d/,
  );
});
