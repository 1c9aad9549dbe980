// What is wrong with single files of a data set, as a line for people.
import type { DataEvent } from '../training/check-data.ts';

export function dataEventText(event: DataEvent): string {
  return event.type === 'bad-frame'
    ? `${event.path}: ${event.reason}`
    : `… and ${event.all - event.told} more like these`;
}
