export const load = () => ({ title: 'nav.settings' });
