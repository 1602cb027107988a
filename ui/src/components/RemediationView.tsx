import Button from '@splunk/react-ui/Button';
import Heading from '@splunk/react-ui/Heading';
import Link from '@splunk/react-ui/Link';
import Message from '@splunk/react-ui/Message';
import variables from '@splunk/themes/variables';
import type { ReactNode } from 'react';
import styled from 'styled-components';

import type { Remediation } from '../api/answers';
import { ChangeList } from './ChangeList';
import type { Opened } from './decisions';
import { Code, Muted, Row, Strong } from './layout';
import { stateOf } from './states';
import { TimeLeft, When } from './When';

const Section = styled.article`
    &:not(:last-child) {
        margin-bottom: 20px;
        padding-bottom: 20px;
        border-bottom: 1px solid ${variables.borderColor};
    }
    p {
        margin: 0 0 8px;
        overflow-wrap: anywhere;
    }
`;

const KINDS: Record<string, string> = {
    'remediation.undo': 'Undo: ',
};
const THEN: Record<string, string> = {
    expires: 'Then nothing is done.',
    made: 'Then it is carried out, unless somebody rejects it.',
    undone: 'Then the change is undone automatically, unless somebody keeps it.',
};
const LABELS: Record<string, string> = { approve: 'Approve', reject: 'Reject', undo: 'Undo', retry: 'Retry' };
const VERBS = ['approve', 'reject', 'undo', 'retry'] as const;

/** One remediation with its changes, and the buttons of what may be done about it. */
export function RemediationView({
    remediation,
    open,
    level = 3,
    children,
}: {
    remediation: Remediation;
    open: (opened: Opened) => void;
    level?: 2 | 3;
    /** What belongs to it, above its buttons. */
    children?: ReactNode;
}) {
    const { plan } = remediation;
    const name = remediation.title || remediation.playbook || 'Remediation';
    const title = `${KINDS[remediation.kind] ?? ''}${name}`;
    const isLimit = plan?.then === 'undone';
    return (
        <Section aria-label={title} data-task={remediation.task}>
            <Heading level={level}>{title}</Heading>
            <p>
                {remediation.text || stateOf(remediation)} <Aside remediation={remediation} />
            </p>
            {isNews(remediation) && <p>{remediation.message}</p>}
            <ChangeList changes={remediation.changes} />
            {remediation.instructions.length > 0 && (
                <ol>
                    {remediation.instructions.map(({ text, link }, number) => (
                        <li key={number}>
                            {text} {link && <Link to={link} openInNewContext>Open in AWS</Link>}
                        </li>
                    ))}
                </ol>
            )}
            {plan && (
                <p>
                    {plan.ends_at > 0 && (
                        <>
                            <strong>
                                <TimeLeft until={plan.ends_at} />
                            </strong>
                            {'. '}
                        </>
                    )}
                    {THEN[plan.then] ?? ''}
                    {plan.approved_by.length > 0 && ` Approved by ${plan.approved_by.join(' and ')}.`}
                    {plan.missing > 1 && ` ${plan.missing} approvals are missing.`}
                    {plan.why_not && ` ${plan.why_not}`}
                </p>
            )}
            {remediation.damaged && (
                <Message appearance="fill" type="error">
                    {remediation.damaged}
                </Message>
            )}
            {children}
            <Row>
                {VERBS.filter((verb) => remediation.may.includes(verb)).map((verb) => {
                    const label = verb === 'reject' && isLimit ? 'Keep the change' : (LABELS[verb] ?? verb);
                    return (
                        <Button
                            key={verb}
                            appearance={verb === 'approve' ? 'primary' : 'default'}
                            label={label}
                            aria-label={`${label}: ${name}`}
                            onClick={(event) =>
                                open({ decision: { verb, remediation }, opener: event.currentTarget })
                            }
                        />
                    );
                })}
                <Muted>
                    Task <Code>{remediation.task}</Code>
                </Muted>
            </Row>
        </Section>
    );
}

/** Since when it is so, and in which mode. */
function Aside({ remediation: { finished_at, mode } }: { remediation: Remediation }) {
    if (!finished_at && !mode) return null;
    return (
        <Muted>
            ({finished_at > 0 && <When at={finished_at} />}
            {finished_at > 0 && mode && ', '}
            {mode && `mode ${mode}`})
        </Muted>
    );
}

/** Whether its message says more than its changes do. */
function isNews({ message, changes }: Remediation): boolean {
    return message !== '' && !changes.some(({ summary }) => summary === message);
}

/** What was looked up about a remediation later, in a line. */
export function FollowUp({ remediation }: { remediation: Remediation }) {
    return (
        <p>
            <Strong>{remediation.text || `CloudTrail: ${isToCome(remediation) ? 'not looked up yet' : stateOf(remediation).toLowerCase()}`}</Strong>
            {remediation.finished_at > 0 && (
                <>
                    {', '}
                    <When at={remediation.finished_at} />
                </>
            )}
            {remediation.message && `. ${remediation.message}`}
        </p>
    );
}

function isToCome({ state, waiting_for }: Remediation): boolean {
    return state === 'waiting' && waiting_for === 'time';
}
