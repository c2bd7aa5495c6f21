/** An endpoint as the doctor takes it apart. */
export interface DoctorEndpoint {
  /** As it was written, without its fragment. */
  readonly name: string;
  readonly tls: boolean;
  readonly host: string;
  readonly port: number;
  /** Lower-case hex SHA-256 of the certificate. */
  readonly pin?: string;
}

/** Takes apart an endpoint that `checkEndpoints` has found good. */
export function takeApart(endpoint: string): DoctorEndpoint {
  const { protocol, hostname, port, hash } = new URL(endpoint);
  const pin = new URLSearchParams(hash.slice(1)).get('sha256')?.toLowerCase();
  return {
    name: endpoint.replace(/#.*/, ''),
    tls: protocol === 'rtms:',
    host: hostname.replace(/^\[|\]$/g, ''),
    port: port === '' ? 9136 : Number(port),
    ...(pin === undefined ? {} : { pin }),
  };
}
