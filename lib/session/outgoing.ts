/** A message other than a text on its way into the addon, in the order of the native call. */
export interface OutgoingMessage {
  readonly id: number;
  /** A number of `MESSAGE_TYPE`; 0 stands for a null pointer, which the core refuses. */
  readonly type: number;
  readonly text: string;
  /** The data of a raw message, or the thumbnail of a file or image. The native call copies it. */
  readonly raw: Uint8Array | undefined;
  /** Further fields of a file or image message; see {@link mediaColumns}. */
  readonly media: readonly string[] | undefined;
}

/** The fields of a file or image message besides text and thumbnail. Sizes in pixels are 0 for a file. */
export interface OutgoingMedia {
  readonly mediaId: string;
  readonly fileName: string;
  readonly size: number;
  readonly width: number;
  readonly height: number;
  readonly thumbnailWidth: number;
  readonly thumbnailHeight: number;
}

/**
 * The fields of a file or image message as they cross; `cpp/binding/arguments/send_arguments.cpp` reads them in this
 * order.
 */
export function mediaColumns(media: OutgoingMedia): string[] {
  const { mediaId, fileName, size, width, height, thumbnailWidth, thumbnailHeight } = media;
  return [mediaId, fileName, ...[size, width, height, thumbnailWidth, thumbnailHeight].map(String)];
}
