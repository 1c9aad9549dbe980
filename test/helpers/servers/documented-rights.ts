// The rights that SECURITY.md tells people to give, read out of it, so that the tests run with these and no others.
import { readFileSync } from 'node:fs';

export interface KafkaRight {
  readonly user: string;
  readonly operation: string;
  readonly kind: 'topic' | 'group';
  readonly name: string;
  readonly isPrefix: boolean;
}

/** The lines of the code block that has `marker` in it. */
function blockWith(marker: string): string[] {
  const blocks = [...readFileSync('SECURITY.md', 'utf8').matchAll(/^```\w*\n([\s\S]*?)^```$/gm)].map(
    ([, body]) => body ?? '',
  );
  const block = blocks.find((body) => body.includes(marker));
  if (block === undefined) throw new Error(`Expected a code block with "${marker}" in SECURITY.md`);
  return block.split('\n');
}

/** Every `acl --allow-principal …` line. */
export function documentedKafkaRights(): KafkaRight[] {
  const rights = blockWith('--allow-principal').filter((line) => line.startsWith('acl --'));
  return rights.map((line) => {
    const value = (flag: string) => new RegExp(`--${flag} (\\S+)`).exec(line)?.[1];
    const [topic, group] = [value('topic'), value('group')];
    return {
      user: (value('allow-principal') ?? '').replace('User:', ''),
      operation: value('operation') ?? '',
      kind: topic === undefined ? 'group' : 'topic',
      name: topic ?? group ?? '',
      isPrefix: value('resource-pattern-type') === 'prefixed',
    };
  });
}

/**
 * The ACL file, with each user's password in place of PASSWORD. The key of the depth limit is one; tests keep theirs apart by a
 * prefix, so that there it is one for each.
 */
export function documentedRedisUsers(passwords: Readonly<Record<string, string>>): string {
  const lines = blockWith('user default off').filter((line) => line.startsWith('user '));
  const filled = lines.map((line) =>
    line
      .replace('PASSWORD', passwords[line.split(' ')[1] ?? ''] ?? '')
      .replace(/~anytime:anytime-workers:(\{\S+)/, '$& ~anytime:test-*:$1'),
  );
  return `${filled.join('\n')}\n`;
}
