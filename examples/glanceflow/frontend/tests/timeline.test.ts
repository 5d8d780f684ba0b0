import { describe, expect, it } from 'vitest';
import { toStatus, type Status } from '../src/lib/api';
import { applyEvent, emptyTimeline, merge, reload, remove } from '../src/lib/timeline';

const status = (id: string, minute: number, changes: Partial<Status> = {}): Status => ({
	...toStatus({ id, user_id: 'u1', display_name: 'Aki', body: id, mood: 'busy' }),
	createdAt: `2025-01-01T10:${String(minute).padStart(2, '0')}:00Z`,
	updatedAt: `2025-01-01T10:${String(minute).padStart(2, '0')}:00Z`,
	...changes
});
const ids = (timeline: { statuses: Status[] }) => timeline.statuses.map(({ id }) => id);

describe('timeline', () => {
	it('is ordered newest first and holds every status once', () => {
		const a = merge(emptyTimeline, [status('a', 1), status('c', 3)]);
		expect(ids(merge(a, [status('b', 2), status('a', 1)]))).toEqual(['c', 'b', 'a']);
	});

	it('never goes back to an older version', () => {
		const edited = status('a', 1, { body: 'new', updatedAt: '2025-01-01T11:00:00Z' });
		const timeline = merge(merge(emptyTimeline, [edited]), [status('a', 1)]);
		expect(timeline.statuses[0]?.body).toBe('new');
	});

	it('does not bring a deleted status back', () => {
		const timeline = remove(merge(emptyTimeline, [status('a', 1)]), 'a');
		expect(ids(merge(timeline, [status('a', 1)]))).toEqual([]);
	});

	it('forgets what is gone after a reload, but keeps what arrived meanwhile', () => {
		const timeline = merge(emptyTimeline, [status('gone', 1), status('kept', 2), status('new', 3)]);
		expect(ids(reload(timeline, [status('kept', 2)], ['new']))).toEqual(['new', 'kept']);
	});

	it('applies events of the feed', () => {
		const raw = { id: 'a', user_id: 'u1', display_name: 'Aki', body: 'hi', mood: 'busy' };
		const created = applyEvent(emptyTimeline, { op: 'created', status: raw });
		expect(created?.id).toBe('a');
		expect(ids(created!.timeline)).toEqual(['a']);
		const deleted = applyEvent(created!.timeline, { op: 'deleted', status: { id: 'a' } });
		expect(ids(deleted!.timeline)).toEqual([]);
		expect(applyEvent(emptyTimeline, { op: 'created', status: null })).toBeNull();
	});
});
