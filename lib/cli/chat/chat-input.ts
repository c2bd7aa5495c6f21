/** The meaning of a typed line. */
export type ChatInput =
  | { readonly kind: 'nothing' }
  | { readonly kind: 'say'; readonly text: string }
  | { readonly kind: 'join'; readonly channelId: string }
  | { readonly kind: 'peer'; readonly userId: string }
  | { readonly kind: 'leave'; readonly channelId: string | undefined }
  | { readonly kind: 'members' }
  | { readonly kind: 'help' }
  | { readonly kind: 'quit' }
  | { readonly kind: 'mistake'; readonly message: string };

/** The text of `/help`. */
export const CHAT_HELP = [
  '/peer <user>      talk to a user',
  '/join <channel>   join a channel and talk there',
  '/members          who is in the channel',
  '/leave [channel]  leave the channel',
  '/quit             log out and end (also Ctrl-C and Ctrl-D)',
  '//…               say something that begins with a slash',
];

/** Reads one typed line. */
export function parseChatInput(line: string): ChatInput {
  if (line.trim() === '') return { kind: 'nothing' };
  if (line.startsWith('//')) return { kind: 'say', text: line.slice(1) };
  if (!line.startsWith('/')) return { kind: 'say', text: line };
  const [, name = '', rest = ''] = /^\/(\S*)\s*(.*?)\s*$/.exec(line) ?? [];
  switch (name) {
    case 'join':
      return rest === '' ? mistake('/join <channel>') : { kind: 'join', channelId: rest };
    case 'peer':
      return rest === '' ? mistake('/peer <user>') : { kind: 'peer', userId: rest };
    case 'leave':
      return { kind: 'leave', channelId: rest === '' ? undefined : rest };
    case 'members':
    case 'help':
    case 'quit':
      return { kind: name };
    default:
      return { kind: 'mistake', message: `there is no /${name}; /help shows what there is` };
  }
}

function mistake(usage: string): ChatInput {
  return { kind: 'mistake', message: `it goes like this: ${usage}` };
}
