// A process that asks Redis for one key and says what it heard: for tests that stop it meanwhile.
import { RedisConnection } from '../../src/adapters/redis/connection.ts';
import { messageOf } from '../../src/errors.ts';

const connection = new RedisConnection({ url: process.argv[2] ?? '' }, []);
await connection.start();
const reply = await connection.pipeline((pipeline) => pipeline.get('key')).catch(messageOf);
process.stdout.write(`${JSON.stringify(reply)}\n`);
await connection.stop();
