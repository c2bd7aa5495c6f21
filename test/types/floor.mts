// Compiled, not run, by scripts/check-typescript.mjs with the oldest compiler that the declarations support.
import * as rtm from 'rtm-native';

export async function greet(client: rtm.RtmClient, server: rtm.RtmServer): Promise<string> {
  const channel: rtm.Channel = await client.join('lobby');
  client.on('message', (message) => {
    if (message.type === 'text') message.text.toUpperCase();
  });
  for await (const message of channel.messages({ limit: 1 })) return `${message.from} at ${server.connectString}`;
  throw new rtm.RtmError('ERR_RTM_CLOSED', 'no message');
}
