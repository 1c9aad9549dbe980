// Why a server or the TLS library refused a connection, and what to do about it, in words. The settings it names are those of config.ts.

/** What the refusing side says (its code or a piece of its message) → what it means. The first that fits counts. */
const MEANINGS: readonly (readonly [RegExp, string])[] = [
  [
    /ERR_TLS_CERT_ALTNAME_INVALID|does not match certificate's altnames/i,
    "the server's certificate is for another host name: connect by a name that the certificate holds",
  ],
  [/CERT_HAS_EXPIRED|certificate has expired/i, "the server's certificate has expired"],
  [
    /SELF_SIGNED_CERT|UNABLE_TO_VERIFY_LEAF_SIGNATURE|UNABLE_TO_GET_ISSUER_CERT|self.signed certificate|unable to (verify the first|get (local )?issuer) certificate/i,
    "the server's certificate is not trusted: name the file of its authority (kafkaCaFile, redisCaFile)",
  ],
  [
    /certificate required|bad certificate|alert number (116|42)\b|peer did not return a certificate/i,
    'the server wants a client certificate that it knows (kafkaCertFile with kafkaKeyFile, redisCertFile with redisKeyFile)',
  ],
  [
    /wrong version number|packet length too long|before secure TLS connection was established/i,
    'the server does not speak TLS on this port',
  ],
  [
    /mechanism .*not supported|UNSUPPORTED_SASL_MECHANISM|does not support.*mechanism/i,
    'the server does not offer this SASL mechanism (kafkaSasl)',
  ],
  [
    /WRONGPASS|SASL.*authentication failed|authentication failed|invalid credentials|invalid username-password/i,
    'wrong user or password (kafkaUser with kafkaPassword, redisUser with redisPassword)',
  ],
  [/NOAUTH|authentication required/i, 'the server wants a user and a password'],
  [
    /NOPERM|AUTHORIZATION_FAILED|not authorized|authorization failed/i,
    'this user may not do that: the rights each program needs stand in SECURITY.md',
  ],
];

/** What the thrown thing, any of its causes, or any error it gathers means; null where it says nothing of identity, trust or rights. */
export function refusalOf(thrown: unknown): string | null {
  if (!(thrown instanceof Error)) return null;
  const said = `${'code' in thrown ? thrown.code : ''} ${'type' in thrown ? thrown.type : ''} ${thrown.message}`;
  const meaning = MEANINGS.find(([pattern]) => pattern.test(said))?.[1];
  const parts = 'errors' in thrown && Array.isArray(thrown.errors) ? thrown.errors : [];
  return meaning ?? refusalOf(thrown.cause) ?? parts.map(refusalOf).find((one) => one !== null) ?? null;
}

/** The same text with what it means behind it. */
export function withRefusal(message: string, thrown: unknown): string {
  const meaning = refusalOf(thrown);
  return meaning === null ? message : `${message.trim()}; ${meaning}`; // OpenSSL ends its lines
}
