import layout from '@splunk/react-page/18';
import { locale } from '@splunk/splunk-utils/config';
import { getUserTheme } from '@splunk/splunk-utils/themes';
import { type ReactElement, StrictMode } from 'react';

import { Boundary } from './Boundary';
import { Frame } from './layout';

/** Shows a page in Splunk's own frame, in the theme that the user has chosen. */
export function mount(title: string, page: ReactElement): void {
    // The template leaves it empty, and screen readers would read in the language of the reader's system.
    document.documentElement.lang = String(locale).replace('_', '-');
    const show = (theme: string) =>
        layout(
            <StrictMode>
                <Frame>
                    <Boundary>{page}</Boundary>
                </Frame>
            </StrictMode>,
            { pageTitle: title, theme, hideFooter: true, layout: 'scrolling' }
        );
    getUserTheme().then(show, () => show('enterprise'));
}
