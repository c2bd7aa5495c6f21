import type { MediaRecord, MessageStore } from '../storage/message-store.js';

/** The record of a body of any app. A store that cannot look at all apps is asked for each app of the server. */
export async function findListedMedia(
  store: MessageStore,
  appIds: readonly string[],
  mediaId: string,
): Promise<MediaRecord | undefined> {
  if (store.findListedMedia) return store.findListedMedia(mediaId);
  for (const appId of appIds) {
    const record = await store.findMedia(appId, mediaId, 0);
    if (record) return record;
  }
  return undefined;
}
