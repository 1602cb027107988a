import Heading from '@splunk/react-ui/Heading';

import { HelpLink } from './HelpLink';
import { Row } from './layout';

/** Of a page; `part` is what the tour says of it. */
export function Title({ part, children }: { part: string; children: string }) {
    return (
        <Row>
            <Heading level={1} tabIndex={-1} style={{ margin: 0 }}>
                {children}
            </Heading>
            <HelpLink part={part} />
        </Row>
    );
}
