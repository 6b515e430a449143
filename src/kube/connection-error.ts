import { BadResponseError, ConnectionError, messageOf } from './errors.ts';

const unreachable: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'connection refused; is it running, and is this the right context?',
  ENOTFOUND: 'its name cannot be resolved; check the server of the cluster in the kubeconfig',
  EAI_AGAIN: 'its name cannot be resolved now; check DNS',
  EHOSTUNREACH: 'no route to the host',
  ENETUNREACH: 'no route to the network',
  ETIMEDOUT: 'no connection in time; is a firewall or VPN in between?',
  UND_ERR_CONNECT_TIMEOUT: 'no connection in time; is a firewall or VPN in between?',
};

const tlsCodes = /^(ERR_TLS_|ERR_SSL_|CERT_|DEPTH_ZERO_|SELF_SIGNED_|UNABLE_TO_|EPROTO$)/;

/** Names the server in what undici and Node throw, and says what to check where the kind of failure tells. */
export function toConnectionError(error: unknown, server: string): Error {
  if (error instanceof ConnectionError || error instanceof BadResponseError) return error;
  const code = codeOf(error);
  const reason = unreachable[code];
  if (reason !== undefined) {
    return new ConnectionError('ConnectionFailed', `cannot reach the API server ${server}: ${reason}`, error);
  }
  if (tlsCodes.test(code)) {
    const message =
      `no TLS connection to the API server ${server}: ${messageOf(error)} (${code}); ` +
      'check certificate-authority and client certificate in the kubeconfig';
    return new ConnectionError('TlsFailed', message, error);
  }
  const message = `the connection to the API server ${server} was lost: ${messageOf(error) || code}`;
  return new ConnectionError('ConnectionLost', message, error);
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : '';
}
