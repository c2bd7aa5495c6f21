import type { MessageStore } from '../storage/message-store.js';

/** Whether any app has such a body. A store that cannot tell for all apps is asked for each app of the server. */
export async function isMediaListed(store: MessageStore, appIds: readonly string[], mediaId: string): Promise<boolean> {
  if (store.isMediaListed) return store.isMediaListed(mediaId);
  for (const appId of appIds) {
    if (await store.findMedia(appId, mediaId, 0)) return true;
  }
  return false;
}
