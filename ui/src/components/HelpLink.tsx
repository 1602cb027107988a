import Link from '@splunk/react-ui/Link';
import { createStaticURL } from '@splunk/splunk-utils/url';

import { APP } from '../api/client';

/** To a part of the documentation that ships with the app, in a tab of its own. */
export function HelpLink({ page = 'tour', part, label = 'What is this page?' }: { page?: string; part: string; label?: string }) {
    return (
        <Link to={`${createStaticURL(`app/${APP}/help/${page}.html`)}#${part}`} openInNewContext>
            {label}
        </Link>
    );
}
