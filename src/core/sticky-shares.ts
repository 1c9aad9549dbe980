// Who of a group gets which partitions of a topic: even shares, and of what a member has it keeps as much as its share allows, so that
// what it has in hand need not be begun anew elsewhere. Pure.

/** What a member says it has. */
export interface Claim {
  readonly memberId: string;
  /** Its partitions of this topic, as far as it knows. */
  readonly owned: readonly number[];
  /** When it was given them, epoch ms: of two that claim one partition the later has it, the other was away. */
  readonly since: number;
}

/**
 * Every partition to exactly one member, shares differ by one at most. Members who have more keep the larger shares; what
 * is free goes to whoever has least. The same claims give the same shares, whatever their order. No member: nothing.
 */
export function stickyShares(partitions: readonly number[], claims: readonly Claim[]): Map<string, number[]> {
  const members = [...claims].sort((a, b) => (a.memberId < b.memberId ? -1 : 1));
  const shares = new Map<string, number[]>(members.map(({ memberId }) => [memberId, []]));
  if (members.length === 0) return shares;
  const owners = ownersOf(partitions, members);
  const held = (claim: Claim) => partitions.filter((partition) => owners.get(partition) === claim);
  const byHeld = [...members].sort((a, b) => held(b).length - held(a).length);
  const least = Math.floor(partitions.length / members.length);
  let larger = partitions.length % members.length;
  for (const member of byHeld) {
    const keeps = held(member).slice(0, least + (larger > 0 ? 1 : 0));
    if (keeps.length > least) larger -= 1;
    shares.get(member.memberId)?.push(...keeps);
  }
  const kept = new Set([...shares.values()].flat());
  for (const partition of partitions.filter((one) => !kept.has(one))) {
    const [poorest] = [...shares.values()].sort((a, b) => a.length - b.length);
    poorest?.push(partition);
  }
  for (const share of shares.values()) share.sort((a, b) => a - b);
  return shares;
}

/** Who has each claimed partition. */
function ownersOf(partitions: readonly number[], members: readonly Claim[]): Map<number, Claim> {
  const wanted = new Set(partitions);
  const owners = new Map<number, Claim>();
  for (const claim of members)
    for (const partition of claim.owned) {
      const other = owners.get(partition);
      if (wanted.has(partition) && (other === undefined || other.since < claim.since)) owners.set(partition, claim);
    }
  return owners;
}
