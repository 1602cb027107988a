/** Asks before what playbooks may do is changed. */
import RadioList from '@splunk/react-ui/RadioList';
import { useState } from 'react';

import type { PlaybookRow, Playbooks } from '../../api/answers';
import { act } from '../../api/client';
import { Confirm } from '../../components/Confirm';
import { Code } from '../../components/layout';
import { MODES, modeWith } from './rows';

export type Opened =
    | { kind: 'stop' | 'allow'; opener: HTMLElement }
    | { kind: 'ceiling'; all: Playbooks; row: PlaybookRow; opener: HTMLElement };

export function SafetyDialog({
    opened,
    close,
    done,
}: {
    opened: Opened | undefined;
    close: () => void;
    done: (notice: string) => void;
}) {
    if (!opened) return null;
    if (opened.kind === 'ceiling') return <CeilingDialog {...opened} close={close} done={done} />;
    if (opened.kind === 'stop') {
        return (
            <Confirm
                title="Stop all changes"
                verb="Stop all changes"
                isDangerous
                opener={opened.opener}
                close={close}
                run={async () => {
                    await act('kill_switch', { state: 'on' });
                    done('The kill switch is on. Nothing is changed in AWS.');
                }}
            >
                <p>
                    No playbook changes anything in AWS from now on, also what is approved or queued already, and nothing
                    is undone. Tickets and messages go on. Only an administrator can allow changes again.
                </p>
            </Confirm>
        );
    }
    return (
        <Confirm
            title="Allow changes again"
            verb="Allow changes"
            isDangerous
            opener={opened.opener}
            close={close}
            run={async () => {
                await act('allow_changes', {});
                done('The kill switch is off. Playbooks may change what their modes allow.');
            }}
        >
            <p>Playbooks may change in AWS what their modes allow. Plans that wait can be approved again.</p>
        </Confirm>
    );
}

function CeilingDialog({
    all,
    row,
    opener,
    close,
    done,
}: {
    all: Playbooks;
    row: PlaybookRow;
    opener: HTMLElement;
    close: () => void;
    done: (notice: string) => void;
}) {
    const [ceiling, setCeiling] = useState(row.ceiling);
    const mode = modeWith(all, ceiling);
    return (
        <Confirm
            title={`Highest mode of: ${row.title}`}
            verb="Save"
            isReady={ceiling !== row.ceiling}
            isDangerous={MODES.indexOf(mode) > MODES.indexOf(row.mode)}
            opener={opener}
            close={close}
            run={async () => {
                await act('playbook_ceiling', { playbook: row.playbook, ceiling, was: row.ceiling });
                done(`${row.title}: ${ceiling ? `its own limit is ${ceiling}` : 'it has no limit of its own'} now.`);
            }}
        >
            <RadioList
                aria-label="Own limit"
                value={ceiling}
                onChange={(_, { value }) => setCeiling(typeof value === 'string' ? value : '')}
            >
                <RadioList.Option value="">No limit of its own</RadioList.Option>
                {MODES.map((one) => (
                    <RadioList.Option key={one} value={one}>
                        {one}
                    </RadioList.Option>
                ))}
            </RadioList>
            <p role="status">
                Its highest mode: <Code>{row.mode}</Code> now, <Code>{mode}</Code> after. The highest mode of all playbooks is{' '}
                <Code>{all.ceiling}</Code>; an account can have a lower one.
            </p>
            <p>{row.risk_note}</p>
        </Confirm>
    );
}
