import { call, callback, field, limit, type Row, reserved, rule, type Subject, value } from './row.js';

const enumOf = (name: string) => (member: string, title: string) =>
  value(`${name}.${name.replace('_CODE', '')}_${member}`, `enums ${name}`, title);
const download = enumOf('DOWNLOAD_MEDIA_ERR_CODE');
const upload = enumOf('UPLOAD_MEDIA_ERR_CODE');
const cancel = enumOf('CANCEL_MEDIA_ERR_CODE');
const service = (method: string, section: string, title: string) =>
  call(`IRtmService.${method}`, `api §11.${section}`, title);
const on = (name: string, section: string, title: string) =>
  callback(`IRtmServiceEventHandler.${name}`, `api §10.${section}`, title);
const file = (method: string, title: string) => call(`IFileMessage.${method}`, 'api §5', title);
const image = (method: string, title: string) => call(`IImageMessage.${method}`, 'api §5', title);
const size = (id: string, title: string) => limit(`limit.media.${id}`, 'limits §7', title);
const bytes = (id: string, title: string) => limit(`limit.media.message.${id}`, 'limits §3', title);
const media8 = (id: string, title: string) => rule(`rule.media.${id}`, 'semantics §8', title);

export const media: Subject = {
  name: 'media',
  title: 'Uploads and downloads',
  rows: [
    service('createFileMessageByUploading', '22', 'returns 0 and a request id, and one result follows'),
    service('createImageMessageByUploading', '23', 'returns 0 and a request id, and one result follows'),
    service('downloadMediaToMemory', '9', 'returns 0 and a request id, and the bytes follow'),
    service('downloadMediaToFile', '10', 'returns 0 and a request id, and the file appears'),
    service('cancelMediaDownload', '11', 'ends a running download'),
    service('cancelMediaUpload', '12', 'ends a running upload'),
    on('onMediaUploadingProgress', '12', 'comes while bytes move'),
    on('onMediaDownloadingProgress', '13', 'comes while bytes move'),
    on('onFileMediaUploadResult', '14', 'gives the message, null on error'),
    on('onImageMediaUploadResult', '15', 'gives the message with width and height, null on error'),
    on('onMediaDownloadToFileResult', '16', 'comes at the end'),
    on('onMediaDownloadToMemoryResult', '17', 'gives the bytes'),
    on('onMediaCancelResult', '18', 'carries the id of the task, and comes before the task’s own result'),
    field('MediaOperationProgress.totalSize', 'api §4', 'is the size of the whole'),
    field('MediaOperationProgress.currentSize', 'api §4', 'grows up to the size of the whole'),
    download('OK', 'is returned, and called back'),
    download('FAILURE', 'is called back for a target that cannot be written'),
    download('INVALID_ARGUMENT', 'is returned for a bad media id or path'),
    download('TIMEOUT', 'is called back when no byte moves'),
    download('NOT_EXIST', 'is called back for an unknown media id'),
    download('CONCURRENCY_LIMIT_EXCEEDED', 'is returned for the tenth task'),
    download('INTERRUPTED', 'is called back after a cancel, after a logout, and in ABORTED'),
    download('NOT_INITIALIZED', 'is returned before initialize'),
    download('NOT_LOGGED_IN', 'is returned before login'),
    upload('OK', 'is returned, and called back'),
    upload('FAILURE', 'is returned for a file that is missing or unreadable'),
    upload('INVALID_ARGUMENT', 'is returned for a bad path, and for an empty file'),
    upload('TIMEOUT', 'is called back when no byte moves'),
    upload('SIZE_OVERFLOW', 'is returned for a file over 30 MB'),
    upload('CONCURRENCY_LIMIT_EXCEEDED', 'is returned for the tenth task'),
    upload('INTERRUPTED', 'is called back after a cancel, after a logout, and in ABORTED'),
    upload('NOT_INITIALIZED', 'is returned before initialize'),
    upload('NOT_LOGGED_IN', 'is returned before login'),
    cancel('OK', 'is returned, and called back'),
    reserved(
      'CANCEL_MEDIA_ERR_CODE.CANCEL_MEDIA_ERR_FAILURE',
      'enums CANCEL_MEDIA_ERR_CODE',
      '"unknown failure": here every running task can be stopped, and any other is NOT_EXIST',
    ),
    cancel('NOT_EXIST', 'is returned for a task that is not running, or runs in the other direction'),
    cancel('NOT_INITIALIZED', 'is returned before initialize'),
    cancel('NOT_LOGGED_IN', 'is returned before login'),
  ],
};

export const mediaLimits: Subject = {
  name: 'media-limits',
  title: 'Limits and rules of uploads and downloads',
  rows: [
    size('size.least.below', 'an empty file is refused'),
    size('size.least.at', 'a file of 1 byte is uploaded'),
    size('size.least.above', 'a file of 2 bytes is uploaded'),
    size('size.most.below', 'a file of 30 MB less a byte is uploaded'),
    size('size.most.at', 'a file of 30 MB is uploaded'),
    size('size.most.above', 'a file of 30 MB and a byte is refused'),
    size('tasks.below', 'the eighth task runs'),
    size('tasks.at', 'the ninth task runs'),
    size('tasks.above', 'the tenth task is refused, uploads and downloads together'),
    size('idle', 'a task without a byte ends after media_idle_ms'),
    size('life', 'a media id becomes unknown when its time on the server is over'),
    media8('app', 'a media id of another App ID is unknown'),
    media8('anyone', 'every user of the App ID may download'),
    media8('file-changes', 'a file that changes during its upload ends it with FAILURE, once'),
    media8('file-shrinks', 'a file that becomes shorter during its upload ends it with FAILURE, once'),
    media8('file-disappears', 'a file that disappears during its upload ends it with FAILURE, once'),
    media8('partial', 'an interrupted download leaves no file under the final name'),
    media8('reconnect', 'a task goes on after a reconnect'),
    media8('stall', 'a task that stands still in RECONNECTING ends with TIMEOUT'),
  ],
};

/** What file and image messages have in common. */
function common(of: (method: string, title: string) => Row): Row[] {
  return [
    of('getSize', 'is the size of the uploaded file'),
    of('getMediaId', 'is the id that downloads it'),
    of('setThumbnail', 'sets a thumbnail'),
    of('getThumbnailData', 'gives the thumbnail on both sides'),
    of('getThumbnailLength', 'gives the size of the thumbnail'),
    of('setFileName', 'sets the name'),
    of('getFileName', 'gives the name on both sides'),
  ];
}

export const mediaMessages: Subject = {
  name: 'media-messages',
  title: 'File and image messages',
  rows: [
    service('createFileMessageByMediaId', '20', 'makes a message at once'),
    service('createImageMessageByMediaId', '21', 'makes a message at once'),
    on('onImageMessageReceivedFromPeer', '10', 'gives sender and image message'),
    on('onFileMessageReceivedFromPeer', '11', 'gives sender and file message'),
    ...common(file),
    ...common(image),
    image('setWidth', 'overrides the width'),
    image('getWidth', 'is computed for JPG, JPEG, BMP, PNG, and 0 for others'),
    image('setHeight', 'overrides the height'),
    image('getHeight', 'is computed for JPG, JPEG, BMP, PNG, and 0 for others'),
    image('setThumbnailWidth', 'sets the width of the thumbnail'),
    image('getThumbnailWidth', 'gives the value, 0 at first'),
    image('setThumbnailHeight', 'sets the height of the thumbnail'),
    image('getThumbnailHeight', 'gives the value, 0 at first'),
    bytes('below', 'text, name and thumbnail of 32,767 bytes arrive'),
    bytes('at', 'text, name and thumbnail of 32,768 bytes arrive'),
    bytes('above', 'text, name and thumbnail of 32,769 bytes are refused'),
    media8('old-receiver', 'an SDK without media gets no file message'),
  ],
};

export const offline: Subject = {
  name: 'offline',
  title: 'Stored messages',
  rows: [
    value(
      'PEER_MESSAGE_ERR_CODE.PEER_MESSAGE_ERR_CACHED_BY_SERVER',
      'enums PEER_MESSAGE_ERR_CODE',
      'is called back for an offline user, when the message may be stored',
    ),
    {
      ...call(
        'SendMessageOptions.enableOfflineMessaging',
        'semantics §2',
        'stores the message for an offline user, who gets it at the next login',
      ),
      kind: 'field',
    },
    {
      ...call('SendMessageOptions.enableHistoricalMessaging', 'semantics §2', 'keeps a text for history queries'),
      kind: 'field',
    },
    rule(
      'rule.offline.order',
      'semantics §2',
      'stored messages arrive after onLoginSuccess, in order, before newer ones',
    ),
    rule('rule.offline.flag', 'semantics §2', 'stored messages are isOfflineMessage, with the time of storing'),
    rule('rule.offline.kinds', 'semantics §2', 'text, raw, file and image messages are stored'),
    rule('rule.offline.once', 'semantics §2', 'each is delivered once'),
    rule('rule.offline.online', 'semantics §2', 'an online receiver gets the message at once, and the result is OK'),
    rule(
      'rule.offline.silent',
      'semantics §2',
      'a message that a silent receiver never got is stored when its session ends, even if the sender already had TIMEOUT',
    ),
    rule('rule.offline.logout', 'semantics §9', 'the queue survives logins and logouts'),
    limit('limit.offline.below', 'limits §7', '199 messages are kept'),
    limit('limit.offline.at', 'limits §7', '200 messages are kept'),
    limit('limit.offline.above', 'limits §7', 'of 201 messages the newest 200 are kept'),
    limit('limit.offline.life', 'limits §7', 'a message whose time is over vanishes without notice'),
  ],
};
