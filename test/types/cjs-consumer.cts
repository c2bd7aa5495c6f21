// Compiled, not run, by test/integration/client-types.test.ts: what a CommonJS module of Node ≥ 20.19 sees of the package.
import rtm = require('rtm-native');

async function main(): Promise<void> {
  const client: rtm.RtmClient = await rtm.RtmClient.login({ appId: '', userId: 'alice', endpoints: 'rtm://127.0.0.1' });
  const options: rtm.MessagesOptions = { limit: 1 };
  for await (const message of client.messages(options)) {
    const { from, type }: rtm.PeerMessage = message;
    console.log(from, type);
  }
  await client.logout();
}

main().catch((error: unknown) => {
  if (rtm.RtmError.is(error, 'ERR_RTM_TIMEOUT')) console.error(error.operation, error.reason);
});
