import ControlGroup from '@splunk/react-ui/ControlGroup';
import Message from '@splunk/react-ui/Message';
import Select from '@splunk/react-ui/Select';
import { useEffect, useState } from 'react';

import type { PlaybookChoice, RemediationPreview } from '../../api/answers';
import { ChangeList } from '../../components/ChangeList';
import { Confirm } from '../../components/Confirm';
import { Muted } from '../../components/layout';
import { Failed, Loading } from '../../components/Told';
import { useLive } from '../../live/useLive';
import { comesTo, type Mode, MODES, modesUpTo } from './remediating';

interface Props {
    /** `{case}`, or `{event, at}` of an event that no case is about yet. */
    about: Record<string, string>;
    /** Asks for it. */
    ask: (playbook: string, mode: Mode) => Promise<void>;
    opener: HTMLElement | null;
    close: () => void;
}

/** Choose a playbook, see what it would do now, then ask for it. */
export function RemediateDialog({ about, ask, opener, close }: Props) {
    const { data, failure, refresh } = useLive('case_playbooks', about, { every: 0 });
    const [chosen, choose] = useState('');
    const [mode, setMode] = useState<Mode>('');
    const fitting = data?.playbooks.filter(({ why_not }) => !why_not) ?? [];
    const playbook = chosen || fitting[0]?.playbook || '';
    const [plan, setPlan] = useState<RemediationPreview | undefined>(undefined);
    const isPlanned = plan?.playbook === playbook;
    return (
        <Confirm
            title="Remediate"
            verb={isPlanned ? comesTo(plan, mode).verb : 'Remediate'}
            isDangerous={isPlanned && comesTo(plan, mode).mode === 'enforce'}
            isReady={isPlanned && !plan.contradicted}
            opener={opener}
            close={close}
            run={() => ask(playbook, mode)}
        >
            {failure && <Failed what="Playbooks" failure={failure} retry={refresh} isStale={false} />}
            {!data && !failure && <Loading what="playbooks" />}
            {data && fitting.length === 0 && <p>No playbook can answer this finding. What keeps each from it:</p>}
            {data && fitting.length > 0 && (
                <>
                    <ControlGroup label="Playbook" help={fitting.find((one) => one.playbook === playbook)?.does}>
                        <Select value={playbook} onChange={(_, { value }) => choose(String(value))}>
                            {fitting.map((one) => (
                                <Select.Option
                                    key={one.playbook}
                                    value={one.playbook}
                                    label={one.title}
                                    description={one.recommended ? 'Recommended by the detection' : `Risk: ${one.risk}`}
                                />
                            ))}
                        </Select>
                    </ControlGroup>
                    <Planned key={playbook} about={about} playbook={playbook} known={setPlan} />
                    {isPlanned && plan.highest_mode !== 'simulate' && (
                        <ControlGroup label="Mode" help={comesTo(plan, mode).text}>
                            <Select value={mode} onChange={(_, { value }) => setMode(value as Mode)}>
                                {modesUpTo(plan.highest_mode).map((name) => (
                                    <Select.Option key={name} value={name} label={MODES[name]} />
                                ))}
                            </Select>
                        </ControlGroup>
                    )}
                    {isPlanned && plan.highest_mode === 'simulate' && <p>{comesTo(plan, mode).text}</p>}
                </>
            )}
            {data && <Others playbooks={data.playbooks.filter(({ why_not }) => why_not)} />}
        </Confirm>
    );
}

/** What the playbook would do now, as AWS says things are. */
function Planned({
    about,
    playbook,
    known,
}: {
    about: Record<string, string>;
    playbook: string;
    known: (plan: RemediationPreview) => void;
}) {
    const { data, failure, refresh } = useLive('remediation_plan', { ...about, playbook }, { every: 0 });
    useEffect(() => {
        if (data) known(data);
    }, [data, known]);
    if (failure) return <Failed what="What it would do" failure={failure} retry={refresh} isStale={false} />;
    if (!data) return <Loading what="what it would do" />;
    return (
        <section aria-label="What it would do">
            <p>{data.message}</p>
            {data.contradicted && (
                <Message appearance="fill" type="error">
                    {data.contradicted}
                </Message>
            )}
            <ChangeList changes={data.changes} />
        </section>
    );
}

function Others({ playbooks }: { playbooks: PlaybookChoice[] }) {
    if (playbooks.length === 0) return null;
    return (
        <details style={{ marginTop: 12 }}>
            <summary>{playbooks.length} playbooks cannot answer this finding</summary>
            <ul>
                {playbooks.map(({ playbook, title, why_not }) => (
                    <li key={playbook}>
                        {title}: <Muted>{why_not}</Muted>
                    </li>
                ))}
            </ul>
        </details>
    );
}
