// Loads the addon, or says why it does not load, as a program would that shows the message of an error.
const { getRtmSdkVersion } = await import('rtm-native');
try {
  console.log(getRtmSdkVersion());
} catch (error) {
  console.error(error.message);
  process.exitCode = 9;
}
