// Settings: defaults ← file ← environment ← flags, validated once and frozen. The only reader of settings from process.env.
// One rule names them everywhere: `kafkaBrokers` in a file is ANYTIME_KAFKA_BROKERS in the environment and --kafka-brokers as a flag.
// Secrets: `kafkaPassword` may be kept in a file that `kafkaPasswordFile` names (ANYTIME_KAFKA_PASSWORD_FILE); they are no flags.
import { readFileSync } from 'node:fs';
import { homedir, hostname } from 'node:os';
import { join } from 'node:path';
import { z } from 'zod';
import { decimal } from './core/decimal.ts';
import { AnytimeError, messageOf } from './errors.ts';
import { nearestName } from './nearest-name.ts';
import { PACKAGE_FOLDER } from './package-folder.ts';
import { poolThreads } from './pool-threads.ts';
import { Secret } from './secret.ts';
import { checkSecurity, isSecret, overlaid, splitRedisUrl, withSecretFiles } from './secret-settings.ts';

/** A number, or a text that is one in decimal: nothing else is taken for a number (empty, null, true, 0x10). */
const number = <T extends z.ZodType>(schema: T) =>
  z.preprocess((given) => (typeof given === 'string' ? (decimal(given) ?? given) : given), schema);
const count = (least: number, most = 1e9) => number(z.number().int().min(least).max(most));
const ms = (least: number) => number(z.number().min(least).max(86_400_000));
const text = z.string().min(1).max(500);
const topic = z.string().regex(/^[A-Za-z0-9._-]{1,249}$/, 'a topic name (letters, digits, . _ -)');
const orNone = <T extends z.ZodType>(schema: T) => z.union([z.literal('none').transform(() => null), z.null(), schema]);
const path = orNone(z.string().min(1).max(4096)).default(null);
const secret = z
  .union([z.null(), z.string().min(1).max(4096)])
  .transform((value) => (value === null ? null : new Secret(value)))
  .default(null);
const isOn = z.union([z.boolean(), z.stringbool()]);
const MIB = 1024 * 1024;
const DEFAULT_DECODES = 2;

export const ConfigSchema = z.strictObject({
  kafkaBrokers: z
    .union([z.string().transform((list) => list.split(',').map((one) => one.trim())), z.array(z.string())])
    .pipe(z.array(z.string().regex(/^[^\s:/]+:\d+$/, 'host:port, several separated by commas')).min(1))
    .default(['localhost:9092'])
    .describe('Kafka brokers, host:port separated by commas'),
  kafkaClientId: text.default('anytime').describe('Client id shown by the brokers'),
  kafkaTls: isOn.default(false).describe('Speak TLS to Kafka; a CA or certificate file turns it on too'),
  kafkaCaFile: path.describe('PEM file of the authorities that the brokers are trusted by; none = those of Node'),
  kafkaCertFile: path.describe('PEM file of the client certificate (mTLS), with kafkaKeyFile'),
  kafkaKeyFile: path.describe('PEM file of the private key of the client certificate'),
  kafkaSasl: orNone(z.enum(['plain', 'scram-sha-256', 'scram-sha-512']))
    .default(null)
    .describe('SASL mechanism: plain, scram-sha-256, scram-sha-512; plain only with TLS'),
  kafkaUser: orNone(text).default(null).describe('SASL user'),
  kafkaPassword: secret.describe('SASL password'),
  kafkaPasswordFile: path.describe('File that holds the SASL password'),
  group: text.default('anytime-workers').describe('Consumer group of the workers'),
  sessionTimeoutMs: ms(3000)
    .default(30_000)
    .describe('Silence after which Kafka gives the partitions of a worker to others'),
  framesTopic: topic.default('frames').describe('Topic that frames come from'),
  coarseTopic: topic.default('frames.coarse').describe('Topic of first answers'),
  refinedTopic: topic.default('frames.refined').describe('Topic of every later record'),
  deadLetterTopic: topic.default('frames.dlq').describe('Topic of records that can never be classified'),
  redisUrl: z
    .string()
    .regex(/^rediss?:\/\//, 'a redis:// or rediss:// address')
    .default('redis://localhost:6379')
    .describe('Redis that keeps budgets and load'),
  redisUrlFile: path.describe('File that holds the address of Redis'),
  redisUser: orNone(text).default(null).describe('Redis user (ACL)'),
  redisPassword: secret.describe('Redis password; it may stand in redisUrl too'),
  redisPasswordFile: path.describe('File that holds the Redis password'),
  redisCaFile: path.describe('PEM file of the authorities that a rediss:// server is trusted by; none = those of Node'),
  redisCertFile: path.describe('PEM file of the client certificate for a rediss:// server, with redisKeyFile'),
  redisKeyFile: path.describe('PEM file of the private key of that certificate'),
  redisPrefix: text.default('anytime').describe('What every Redis key begins with; the group comes next'),
  workerId: text.default(`${hostname()}-${process.pid}`).describe('Name of this worker in load samples'),
  model: text
    .default(join(PACKAGE_FOLDER, 'models', 'glyphs'))
    .describe('Bundle folder; default: the glyphs that come with it'),
  backend: z.enum(['auto', 'tensorflow', 'wasm', 'cpu']).default('auto').describe('Engine; auto = native, else wasm'),
  threads: count(0, 1024).default(0).describe('Threads of the native engine inside one kernel; 0 = all cores'),
  deadlineMs: orNone(ms(1))
    .default(1000)
    .describe('Deadline after the record time where a frame says none; none = no deadline'),
  budget: number(z.number().gt(0).max(1e6)).default(1).describe('Passes a frame may use where it says none'),
  minConfidence: orNone(number(z.number().min(0).max(1)))
    .default(null)
    .describe('Confidence that ends a frame; none = the threshold in the bundle'),
  maxHeldFrames: count(1).default(2000).describe('Frames in hand above which partitions are paused'),
  maxHeldBytes: count(1)
    .default(256 * MIB)
    .describe('Bytes of the frames in hand, encoded and decoded, above which partitions are paused'),
  maxHeldActivationBytes: count(1)
    .default(512 * MIB)
    .describe('Bytes of activations held in the stage thread, above which the refinements of least gain end'),
  maxUnsentBytes: count(1)
    .default(32 * MIB)
    .describe('Results that wait for Kafka, in bytes, above which no stage is run'),
  maxFrameBytes: count(1)
    .default(16 * MIB)
    .describe('Largest encoded frame'),
  maxPixels: count(1).default(50_000_000).describe('Most pixels of an encoded frame'),
  decodes: count(1, 64)
    .default(DEFAULT_DECODES)
    .describe('Frames decoded at once; at most the threads of the libuv pool: 4, or what UV_THREADPOOL_SIZE says'),
  maxBatch: count(1, 1024).default(32).describe('Largest stage batch'),
  maxRunMs: ms(1).default(25).describe('Longest stage run that may stand before a frame just come'),
  maxFailedRuns: count(1, 100).default(3).describe('Failed stage runs after which a frame becomes a dead letter'),
  hangFactor: number(z.number().min(2).max(10_000))
    .default(20)
    .describe('A stage run has hung when it takes this many times its expected time'),
  hangFloorMs: ms(10).default(10_000).describe('A stage run has not hung before this, however short it was expected'),
  maxEngineRestarts: count(0, 1000)
    .default(10)
    .describe('Restarts of the engine with no finished run in between, within five minutes; one more ends the worker'),
  decodeLimitMs: ms(10).default(15_000).describe('A frame whose decoding takes longer becomes a dead letter'),
  // At least two: one would blame a good frame whose worker was killed by somebody else.
  maxAttempts: count(2, 100)
    .default(3)
    .describe(
      'Times that work on a frame alone comes to nothing, after a first time among others, before it becomes a dead letter',
    ),
  frameTtlMs: ms(1000).default(3_600_000).describe('How long Redis remembers a frame'),
  loadEveryMs: ms(10).default(250).describe('Between two load samples'),
  commitEveryMs: ms(1).default(200).describe('Between two offset commits'),
  maxOffsetMapBytes: count(0, 1_000_000)
    .default(3500)
    .describe('Longest map of settled frames in a commit; below offset.metadata.max.bytes of the brokers (4096)'),
  healthAddress: orNone(z.string().regex(/^(\[[0-9a-fA-F:]+\]|[^\s:/[\]]+):\d{1,5}$/, 'host:port'))
    .default(null)
    .describe('host:port where probes ask how the worker is (GET /healthz, /readyz); none = nowhere'),
  drainMs: ms(0).default(10_000).describe('Grace time of a stop: what is admitted is finished within it'),
});
/** Every setting of the product, validated. */
export type Config = Readonly<z.infer<typeof ConfigSchema>>;

/** ANYTIME_KAFKA_BROKERS for kafkaBrokers. */
export function environmentName(setting: string): string {
  return `ANYTIME_${setting.replace(/[A-Z]/g, (letter) => `_${letter}`).toUpperCase()}`;
}

export interface ConfigSources {
  /** Values given as flags, by setting name; undefined = not given. */
  readonly flags?: Readonly<Record<string, unknown>>;
  /** JSON file with settings; ANYTIME_CONFIG where not given. */
  readonly file?: string | undefined;
  readonly environment?: Readonly<Record<string, string | undefined>>;
}

/**
 * Read, merge and check the settings. Credentials in `redisUrl` are taken out of it, so that what is left of the address can be
 * shown. Errors: bad-argument, naming the setting, what was expected, and what came (of a secret: nothing).
 */
export function loadConfig(sources: ConfigSources = {}): Config {
  const environment = sources.environment ?? process.env;
  const file = sources.file ?? (environment['ANYTIME_CONFIG'] || undefined);
  const given = (from: (name: string) => unknown): Record<string, unknown> =>
    Object.fromEntries(
      Object.keys(ConfigSchema.shape).flatMap((name) => {
        const value = from(name);
        return value === undefined || value === '' ? [] : [[name, value]];
      }),
    );
  const merged = withSecretFiles(
    overlaid([
      file === undefined ? {} : readConfigFile(file),
      given((name) => environment[environmentName(name)]),
      given((name) => sources.flags?.[name]),
    ]),
  );
  const threads = poolThreads(environment);
  const parsed = ConfigSchema.safeParse({ decodes: Math.min(DEFAULT_DECODES, threads), ...merged });
  if (parsed.success) {
    const config = splitRedisUrl(parsed.data);
    checkSecurity(config);
    checkDecodes(config.decodes, threads);
    return Object.freeze(config);
  }
  const issue = parsed.error.issues[0];
  const name = String(issue?.path[0] ?? (issue?.code === 'unrecognized_keys' ? issue.keys.join(', ') : 'settings'));
  const came = isSecret(name) ? '(not shown)' : JSON.stringify(merged[name]);
  throw new AnytimeError(
    'bad-argument',
    issue?.code === 'unrecognized_keys'
      ? `Expected only known settings in ${file}, got ${name}${didYouMean(issue.keys)}`
      : `Expected \`${name}\` (${environmentName(name)}) to be ${expectedBy(issue)}, got ${came}`,
  );
}

/** More would only wait in the pool's own queue, and their time limit would run there. */
function checkDecodes(decodes: number, threads: number): void {
  if (decodes <= threads) return;
  const most = `at most ${threads}, the threads of the libuv pool (UV_THREADPOOL_SIZE)`;
  throw new AnytimeError(
    'bad-argument',
    `Expected \`decodes\` (${environmentName('decodes')}) to be ${most}, got ${decodes}`,
  );
}

function didYouMean(keys: readonly string[]): string {
  const meant = new Set(keys.flatMap((key) => nearestName(key, Object.keys(ConfigSchema.shape)) ?? []));
  return meant.size === 0 ? '' : `; did you mean ${[...meant].join(', ')}?`;
}

/** What a setting should have been, from what was wrong with it. */
function expectedBy(issue: z.core.$ZodIssue | undefined): string {
  if (issue?.code === 'invalid_type') return issue.expected === 'int' ? 'a whole number' : `a ${issue.expected}`;
  if (issue?.code === 'too_small') return `${issue.inclusive ? 'at least' : 'above'} ${issue.minimum}`;
  if (issue?.code === 'too_big') return `at most ${issue.maximum}`;
  if (issue?.code === 'invalid_value') return `one of ${issue.values.join(', ')}`;
  if (issue?.code === 'invalid_union') return expectedBy(issue.errors.at(-1)?.[0]);
  return issue?.message ?? 'right';
}

function readConfigFile(path: string): Record<string, unknown> {
  try {
    const content: unknown = JSON.parse(readFileSync(path, 'utf8'));
    if (typeof content !== 'object' || content === null || Array.isArray(content))
      throw new Error('it holds no object');
    return { ...content };
  } catch (cause) {
    // What JSON.parse says repeats a part of the file, which may hold a password.
    const why = cause instanceof SyntaxError ? 'it is no JSON' : messageOf(cause);
    throw new AnytimeError('bad-argument', `Expected a JSON file of settings at ${path}: ${why}`);
  }
}

/** True when ANYTIME_DEBUG is set: errors show their stack. */
export function isDebug(environment: Readonly<Record<string, string | undefined>> = process.env): boolean {
  return (environment['ANYTIME_DEBUG'] ?? '') !== '';
}

/** What starting local servers needs to know of the machine. */
export interface MachinePaths {
  /** Where downloads are kept. */
  readonly cacheFolder: string;
  /** The PATH that programs are looked for on. */
  readonly path: string;
}

export function machinePaths(environment: Readonly<Record<string, string | undefined>> = process.env): MachinePaths {
  const cache = environment['XDG_CACHE_HOME'] || join(homedir(), '.cache');
  return { cacheFolder: join(cache, 'anytime-stream'), path: environment['PATH'] ?? '' };
}
