import Heading from '@splunk/react-ui/Heading';
import Link from '@splunk/react-ui/Link';
import type { ReactNode } from 'react';

import type { CaseDetail } from '../../api/answers';
import { Code, Facts, Muted, Panel } from '../../components/layout';
import { At, When } from '../../components/When';

/** What was found, in the words of CIM's fields, and what to do about such a finding. */
export function CaseFacts({ detail }: { detail: CaseDetail }) {
    const { finding, ticket, threads } = detail;
    const facts: [string, ReactNode][] = [];
    const add = (name: string, value: ReactNode) => {
        if (value) facts.push([name, value]);
    };
    const code = (value: string | undefined) => (value ? <Code>{value}</Code> : null);
    add('What', finding?.reason);
    add('Call', code(finding?.command) && <>{code(finding?.command)} ({finding?.outcome})</>);
    add('Who', code(finding?.user || finding?.user_arn));
    add('Identity', code(finding?.user_arn !== finding?.user ? finding?.user_arn : ''));
    add('Access key', code(finding?.access_key_id));
    add('From', code([finding?.src_ip, finding?.src_country].filter(Boolean).join(', ')));
    add('User agent', code(finding?.user_agent));
    add('Resource', code(finding?.resource));
    add('Type', finding?.resource_type);
    add('Account', code(finding?.account));
    add('Region', code(finding?.region));
    add('ATT&CK', code(finding?.technique));
    add('Events', finding && String(finding.event_count));
    add('Last event', finding && finding.last_time > 0 && <At at={finding.last_time} />);
    add('Opened', <When at={detail.opened_at} />);
    add('Alert', detail.alert);
    add('Alert owner', detail.owner);
    add('Detection', code(detail.detection));
    add('Assigned to', detail.assignee);
    add('Ticket', ticket && [ticket.key, ticket.status].filter(Boolean).join(', '));
    add('Assigned in Jira', ticket && (ticket.assignee || 'Nobody'));
    for (const thread of threads) {
        const name = thread.name || thread.channel;
        const page = `https://slack.com/app_redirect?channel=${encodeURIComponent(thread.channel)}`;
        add(
            'Slack',
            thread.channel ? (
                <Link to={page} openInNewContext>
                    {name || 'Thread'}
                </Link>
            ) : (
                name || thread.workspace
            )
        );
    }
    return (
        <>
            <Panel>
                <Heading level={2}>What was found</Heading>
                {!finding && <Muted>The finding itself is no longer kept; see the audit index.</Muted>}
                <Facts>
                    {facts.map(([name, value], number) => (
                        <div key={number} style={{ display: 'contents' }}>
                            <dt>{name}</dt>
                            <dd>{value}</dd>
                        </div>
                    ))}
                </Facts>
            </Panel>
            {detail.runbook.length > 0 && (
                <Panel>
                    <Heading level={2}>Runbook</Heading>
                    <ol style={{ margin: 0, paddingLeft: 20 }}>
                        {detail.runbook.map((step) => (
                            <li key={step}>{step}</li>
                        ))}
                    </ol>
                </Panel>
            )}
        </>
    );
}
