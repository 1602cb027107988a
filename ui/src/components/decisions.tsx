/** The dialogs by which people decide: each shows what would be done, and asks the endpoint that decides. */
import ControlGroup from '@splunk/react-ui/ControlGroup';
import Message from '@splunk/react-ui/Message';
import NumberInput from '@splunk/react-ui/Number';
import TextArea from '@splunk/react-ui/TextArea';
import { useState } from 'react';

import type { Remediation, UndoPreview } from '../api/answers';
import { act } from '../api/client';
import { day } from '../live/times';
import { useLive } from '../live/useLive';
import { useNow } from '../live/useNow';
import { ChangeList } from './ChangeList';
import { Confirm } from './Confirm';
import { Code } from './layout';
import { outcome, type Said } from './outcomes';
import { Failed, Loading } from './Told';
import { whatItPutsBack } from './undoing';

export type Decision =
    | { verb: 'approve' | 'reject' | 'undo' | 'retry'; remediation: Remediation }
    | { verb: 'retry_task'; task: string; message: string }
    | { verb: 'excuse'; case: string; days: number; longest: number; isExcused: boolean }
    | { verb: 'lift'; case: string };

export interface Opened {
    decision: Decision;
    /** The button that it was opened with. */
    opener: HTMLElement | null;
}

interface Props {
    opener: HTMLElement | null;
    close: () => void;
    /** Told what has come of it, once it was decided. */
    done: (said: Said) => void;
}

/** The dialog of a decision; none while nothing is to be decided. */
export function DecisionDialog({
    opened,
    close,
    done,
}: {
    opened: Opened | undefined;
    close: () => void;
    done: (said: Said) => void;
}) {
    if (!opened) return null;
    const { decision, opener } = opened;
    const props = { opener, close, done };
    switch (decision.verb) {
        case 'approve':
            return <Approve {...props} remediation={decision.remediation} />;
        case 'reject':
            return <Reject {...props} remediation={decision.remediation} />;
        case 'undo':
            return <Undo {...props} remediation={decision.remediation} />;
        case 'retry':
            return <Retry {...props} task={decision.remediation.task} message={decision.remediation.message} isChange />;
        case 'retry_task':
            return <Retry {...props} task={decision.task} message={decision.message} />;
        case 'excuse':
            return <Excuse {...props} {...decision} />;
        case 'lift':
            return <Lift {...props} {...decision} />;
    }
}

const nameOf = (remediation: Remediation): string => remediation.title || remediation.playbook;

function Approve({ remediation, done, ...dialog }: Props & { remediation: Remediation }) {
    const missing = remediation.plan?.missing ?? 1;
    return (
        <Confirm
            {...dialog}
            title={`Approve: ${nameOf(remediation)}`}
            verb={missing > 1 ? 'Approve' : 'Approve and carry out'}
            run={async () => {
                const body = { task: remediation.task, decision: 'approve', plan: remediation.plan?.digest ?? '' };
                const answer = await act('approve', body);
                done(outcome(answer, 'Approved.'));
            }}
        >
            <p>
                {missing > 1
                    ? `This is carried out after ${missing} approvals. You approve this plan and no other:`
                    : 'This is carried out now. You approve this plan and no other: if the state in AWS has changed, you are asked again.'}
            </p>
            <ChangeList changes={remediation.changes} />
        </Confirm>
    );
}

function Reject({ remediation, done, ...dialog }: Props & { remediation: Remediation }) {
    const isLimit = remediation.plan?.then === 'undone';
    return (
        <Confirm
            {...dialog}
            title={isLimit ? `Keep the change: ${nameOf(remediation)}` : `Reject: ${nameOf(remediation)}`}
            verb={isLimit ? 'Keep the change' : 'Reject'}
            run={async () => {
                const body = { task: remediation.task, decision: 'reject', plan: remediation.plan?.digest ?? '' };
                const answer = await act('approve', body);
                done(outcome(answer, isLimit ? 'The change stays.' : 'Rejected.', true));
            }}
        >
            <p>
                {isLimit
                    ? 'The change then stays in AWS after its time limit. You can still undo it later.'
                    : 'Nothing is changed in AWS. Ticket and thread say that you have rejected this plan:'}
            </p>
            <ChangeList changes={remediation.changes} />
        </Confirm>
    );
}

/** Reads in AWS what the undo would do now, and shows what has changed since, before anybody confirms it. */
function Undo({ remediation, done, ...dialog }: Props & { remediation: Remediation }) {
    const { data: plan, failure, refresh } = useLive('undo_plan', { task: remediation.task }, { every: 0 });
    const isDrifted = plan !== undefined && plan.drift.length > 0;
    return (
        <Confirm
            {...dialog}
            title={`Undo: ${nameOf(remediation)}`}
            verb={isDrifted ? 'Ask for an approval' : 'Undo'}
            isDangerous
            isReady={plan !== undefined && !plan.refused}
            run={async () => {
                const answer = await act('undo', { task: remediation.task });
                done(outcome(answer, 'The undo was asked for.'));
            }}
        >
            {failure && <Failed what="What the undo would do" failure={failure} retry={refresh} isStale={false} />}
            {!plan && !failure && <Loading what="what the undo would do" />}
            {plan && <UndoPlan plan={plan} />}
        </Confirm>
    );
}

function UndoPlan({ plan }: { plan: UndoPreview }) {
    const putsBack = whatItPutsBack(plan);
    return (
        <>
            {plan.refused && (
                <Message appearance="fill" type="error">
                    {plan.refused}
                </Message>
            )}
            {plan.drift.length > 0 && (
                <Message appearance="fill" type="warning">
                    <Message.Title>It was changed since the remediation</Message.Title>
                    {plan.drift.map((sentence) => (
                        <div key={sentence}>{sentence}</div>
                    ))}
                    The undo waits for an approval first.
                </Message>
            )}
            {putsBack && <p>{putsBack}</p>}
            <ChangeList changes={plan.changes} />
            {plan.left && <p>{plan.left}</p>}
        </>
    );
}

function Retry({ task, message, isChange = false, done, ...dialog }: Props & { task: string; message: string; isChange?: boolean }) {
    return (
        <Confirm
            {...dialog}
            title="Retry"
            verb="Retry"
            run={async () => {
                done(outcome(await act('retry', { task }), 'Tried again.'));
            }}
        >
            <p>
                It is tried again now, with the current settings.
                {isChange && ' The mode on the Safety tab decides whether AWS is changed, planned for or asked about.'}
            </p>
            {message && (
                <p>
                    What it said last: <Code>{message}</Code>
                </p>
            )}
        </Confirm>
    );
}

function Excuse({
    case: id,
    days,
    longest,
    isExcused,
    done,
    ...dialog
}: Props & { case: string; days: number; longest: number; isExcused: boolean }) {
    const [chosen, setDays] = useState<number | undefined>(days);
    const [reason, setReason] = useState('');
    const now = useNow();
    const isValid = chosen !== undefined && Number.isInteger(chosen) && chosen >= 1 && chosen <= longest;
    return (
        <Confirm
            {...dialog}
            title={isExcused ? 'Extend the excuse' : 'Excuse this case'}
            verb="Excuse"
            isReady={isValid && reason.trim() !== ''}
            run={async () => {
                const answer = await act('excuse', { case: id, days: chosen, reason: reason.trim() });
                done(outcome(answer, 'Excused.'));
            }}
        >
            <p>
                Until the excuse ends, findings of this case that are no more severe are recorded, but neither reported
                nor remediated. What waits in this case ends now; what was changed in AWS stays.
            </p>
            <ControlGroup
                label="For days"
                {...(isValid
                    ? { help: `Until ${day(now + chosen * 86_400)}` }
                    : { error: `Enter a whole number from 1 to ${longest}.` })}
            >
                <NumberInput
                    value={chosen as number}
                    min={1}
                    max={longest}
                    error={!isValid}
                    onChange={(_, { value }) => setDays(value)}
                />
            </ControlGroup>
            <ControlGroup label="Reason" help="Ticket, thread and audit show it. For example: Known scanner, change CHG-7.">
                <TextArea
                    value={reason}
                    rowsMin={2}
                    maxLength={500}
                    onChange={(_, { value }) => setReason(value)}
                />
            </ControlGroup>
        </Confirm>
    );
}

function Lift({ case: id, done, ...dialog }: Props & { case: string }) {
    const [reason, setReason] = useState('');
    return (
        <Confirm
            {...dialog}
            title="Lift the excuse"
            verb="Lift"
            isReady={reason.trim() !== ''}
            run={async () => {
                done(outcome(await act('excuse', { case: id, days: 0, reason: reason.trim() }), 'The excuse is lifted.'));
            }}
        >
            <p>The next finding of this case is reported and remediated again.</p>
            <ControlGroup label="Reason">
                <TextArea value={reason} rowsMin={2} maxLength={500} onChange={(_, { value }) => setReason(value)} />
            </ControlGroup>
        </Confirm>
    );
}
