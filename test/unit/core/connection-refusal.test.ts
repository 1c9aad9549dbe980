// A refusal in the words of OpenSSL, Node, Kafka or Redis becomes one that says what to do.
import { expect, test } from 'vitest';
import { refusalOf, withRefusal } from '../../../src/core/connection-refusal.ts';

const error = (message: string, parts: object = {}) => Object.assign(new Error(message), parts);

test.each<[Error, RegExp | null]>([
  [error('Connection error: self-signed certificate in certificate chain'), /not trusted/],
  [error('x', { code: 'UNABLE_TO_VERIFY_LEAF_SIGNATURE' }), /not trusted/],
  [error('unable to get local issuer certificate'), /not trusted/],
  [
    error("Hostname/IP does not match certificate's altnames: Host: b. is not in the cert's altnames"),
    /another host name/,
  ],
  [error('certificate has expired'), /expired/],
  [
    error('0:error:0A00045C:SSL routines::tlsv13 alert certificate required:…:SSL alert number 116'),
    /client certificate/,
  ],
  [error('0:error:0A00010B:SSL routines:ssl3_get_record:wrong version number'), /does not speak TLS/],
  [
    error('SASL SCRAM SHA512 authentication failed: Authentication failed during authentication'),
    /wrong user or password/,
  ],
  [error('WRONGPASS invalid username-password pair or user is disabled.'), /wrong user or password/],
  [error('NOAUTH Authentication required.'), /wants a user/],
  [error("NOPERM this user has no permissions to run the 'set' command"), /may not do that/],
  [error('x', { type: 'TOPIC_AUTHORIZATION_FAILED' }), /may not do that/],
  [error('The PLAIN mechanism is not supported by the server'), /SASL mechanism/],
  [error('sslv3 alert bad certificate:rec_layer_s3.c:1601:SSL alert number 42\n'), /client certificate/],
  [
    error('Topic creation errors', { errors: [error('no'), error('x', { type: 'TOPIC_AUTHORIZATION_FAILED' })] }),
    /may not/,
  ],
  [error('outer', { cause: error('certificate has expired') }), /expired/],
  [error('connect ECONNREFUSED 127.0.0.1:1'), null],
])('%s', (thrown, meaning) => {
  if (meaning === null) expect(refusalOf(thrown)).toBeNull();
  else expect(refusalOf(thrown)).toMatch(meaning);
});

test('stands behind the message, and only where there is something to say', () => {
  expect(withRefusal('Expected Redis', error('NOAUTH'))).toBe('Expected Redis; the server wants a user and a password');
  expect(withRefusal('Expected Redis', 'no error')).toBe('Expected Redis');
});
