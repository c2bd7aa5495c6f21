// A certificate for the peers, made for this run: ECDSA P-256, like the certificates of our own server.
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';

/** { cert, key }: names of files in `folder`. */
export function makeCertificate(folder) {
  const tls = { cert: join(folder, 'cert.pem'), key: join(folder, 'key.pem') };
  const curve = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];
  const names = ['-subj', '/CN=localhost', '-addext', 'subjectAltName=IP:127.0.0.1,DNS:localhost'];
  try {
    execFileSync('openssl', ['req', '-x509', ...curve, '-days', '2', ...names, '-keyout', tls.key, '-out', tls.cert], {
      stdio: ['ignore', 'ignore', 'pipe'],
    });
  } catch (error) {
    throw new Error(`openssl could not make a certificate for the peers: ${error.message.split('\n')[0]}`);
  }
  return tls;
}
