import Heading from '@splunk/react-ui/Heading';
import Link from '@splunk/react-ui/Link';
import type { MouseEvent } from 'react';

import type { CaseDetail } from '../../api/answers';
import { Code, Muted, Panel, Row } from '../../components/layout';
import { Severity } from '../../components/Severity';
import { StateLabel } from '../../components/StateLabel';
import { addressWith } from '../../live/useAddress';

type Go = (changes: Record<string, string>) => void;

/** The other cases that share the ticket and the thread of this one. Each is decided about on its own page. */
export function IncidentCases({ detail, go }: { detail: CaseDetail; go: Go }) {
    const { cases, told_in, more_cases } = detail;
    if (cases.length === 0 && !told_in) return null;
    return (
        <Panel>
            <Heading level={2}>Same ticket and thread</Heading>
            {told_in && (
                <p style={{ margin: '0 0 8px' }}>
                    This case is reported in the ticket and thread of{' '}
                    <ToCase id={told_in} go={go}>
                        the first case
                    </ToCase>
                    , where the other cases are listed.
                </p>
            )}
            {cases.length > 0 && (
                <ul style={{ listStyle: 'none', margin: 0, padding: 0 }}>
                    {cases.map((one) => (
                        <li key={one.case} data-case={one.case} style={{ marginBottom: 8 }}>
                            <Row>
                                <Severity level={one.severity} />
                                <ToCase id={one.case} go={go}>
                                    {one.signature || one.detection || 'Case'}
                                </ToCase>
                                <StateLabel state={one.state} />
                            </Row>
                            {one.resource && (
                                <Muted>
                                    <Code>{one.resource}</Code>
                                </Muted>
                            )}
                        </li>
                    ))}
                </ul>
            )}
            {more_cases > 0 && <Muted>And {more_cases} more.</Muted>}
        </Panel>
    );
}

function ToCase({ id, go, children }: { id: string; go: Go; children: string }) {
    return (
        <Link
            to={addressWith(window.location.search, { case: id })}
            onClick={(event: MouseEvent) => {
                if (event.ctrlKey || event.metaKey || event.shiftKey) return;
                event.preventDefault();
                go({ case: id });
            }}
            style={{ overflowWrap: 'anywhere' }}
        >
            {children}
        </Link>
    );
}
