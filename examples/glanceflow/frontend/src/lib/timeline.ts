/** Pure functions on the list of statuses the timeline shows, newest first. */
import { toStatus, type Status } from './api';
import type { FeedEvent } from './feed';

export interface Timeline {
	statuses: Status[];
	/**
	 * Ids deleted since the page was opened. An answer that was on its way while the deletion
	 * arrived must not bring the status back.
	 */
	deleted: ReadonlySet<string>;
}

export const emptyTimeline: Timeline = { statuses: [], deleted: new Set() };

function time(value: string): number {
	return Date.parse(value) || 0;
}

function newestFirst(a: Status, b: Status): number {
	return time(b.createdAt) - time(a.createdAt) || (a.id < b.id ? 1 : a.id > b.id ? -1 : 0);
}

/** Adds or replaces statuses; an older version never replaces a newer one. */
export function merge(timeline: Timeline, incoming: Status[]): Timeline {
	const byId = new Map(timeline.statuses.map((status) => [status.id, status]));
	for (const status of incoming) {
		if (timeline.deleted.has(status.id)) continue;
		const known = byId.get(status.id);
		if (!known || time(status.updatedAt) >= time(known.updatedAt)) byId.set(status.id, status);
	}
	return { ...timeline, statuses: [...byId.values()].sort(newestFirst) };
}

export function remove(timeline: Timeline, id: string): Timeline {
	return {
		statuses: timeline.statuses.filter((status) => status.id !== id),
		deleted: new Set(timeline.deleted).add(id)
	};
}

/**
 * Takes over a freshly loaded first page. What is missing from it was deleted or has expired
 * meanwhile, unless the feed announced it after the request was sent (`since`).
 */
export function reload(timeline: Timeline, page: Status[], since: readonly string[]): Timeline {
	const kept = timeline.statuses.filter((status) => since.includes(status.id));
	return merge({ ...timeline, statuses: kept }, page);
}

/** Returns the new timeline and the id the event was about, or null if it made no sense. */
export function applyEvent(
	timeline: Timeline,
	event: FeedEvent
): { timeline: Timeline; id: string } | null {
	let status: Status;
	try {
		status = toStatus(event.status);
	} catch {
		return null;
	}
	const next = event.op === 'deleted' ? remove(timeline, status.id) : merge(timeline, [status]);
	return { timeline: next, id: status.id };
}
