export const load = () => ({ title: 'nav.timeline' });
