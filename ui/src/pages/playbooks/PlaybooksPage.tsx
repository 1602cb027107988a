import Button from '@splunk/react-ui/Button';
import Message from '@splunk/react-ui/Message';
import Select from '@splunk/react-ui/Select';
import Text from '@splunk/react-ui/Text';
import { useCallback, useState } from 'react';

import type { ChangeLimits, Playbooks } from '../../api/answers';
import { Panel, Row, Spread, Stack } from '../../components/layout';
import { Notice } from '../../components/Notice';
import { Title } from '../../components/Title';
import { Empty, Failed, Loading } from '../../components/Told';
import { useAddress } from '../../live/useAddress';
import { type Live, useLive } from '../../live/useLive';
import { type Opened, SafetyDialog } from './dialogs';
import { Limits } from './Limits';
import { Permissions, usePermissions } from './Permissions';
import { chosen, SHOWN } from './rows';
import { PlaybookTable } from './PlaybookTable';

/** What each playbook does, how far it may go, and whether AWS would let it. */
export function PlaybooksPage() {
    const { data, failure, refresh } = useLive('playbooks', {}, { every: 60 });
    const limits = useLive('change_limits', {});
    // One line for each limit: shown later, it would move the table from under the mouse.
    const isThere = limits.data !== undefined || limits.failure !== undefined;
    const [opened, setOpened] = useState<Opened | undefined>(undefined);
    const [notice, setNotice] = useState('');
    const done = useCallback(
        (text: string) => {
            setNotice(text);
            void refresh();
        },
        [refresh]
    );
    return (
        <>
            <Spread>
                <Title part="playbooks">Playbooks</Title>
                {data && <KillSwitch all={data} open={setOpened} />}
            </Spread>
            <Notice text={notice} dismiss={() => setNotice('')} />
            {failure && <Failed what="Playbooks" failure={failure} retry={refresh} isStale={data !== undefined} />}
            {!(data && isThere) && !failure && <Loading what="playbooks" />}
            {data?.kill_switch && (
                <div style={{ marginBottom: 16 }}>
                    <Message appearance="fill" type="warning">
                        The kill switch is on: no playbook changes anything in AWS, also after an approval. Tickets and
                        messages go on.
                    </Message>
                </div>
            )}
            {data && isThere && <Matrix all={data} limits={limits} open={setOpened} />}
            <SafetyDialog opened={opened} close={() => setOpened(undefined)} done={done} />
        </>
    );
}

function KillSwitch({ all, open }: { all: Playbooks; open: (opened: Opened) => void }) {
    if (all.kill_switch) {
        if (!all.may.includes('allow_changes')) return null;
        return (
            <Button
                label="Allow changes again"
                onClick={(event) => open({ kind: 'allow', opener: event.currentTarget as HTMLElement })}
            />
        );
    }
    if (!all.may.includes('stop_changes')) return null;
    return (
        <Button
            appearance="destructive"
            label="Stop all changes"
            onClick={(event) => open({ kind: 'stop', opener: event.currentTarget as HTMLElement })}
        />
    );
}

function Matrix({ all, limits, open }: { all: Playbooks; limits: Live<ChangeLimits>; open: (opened: Opened) => void }) {
    const [address, go] = useAddress();
    const permissions = usePermissions();
    const [find, show] = [address.get('find') ?? '', address.get('show') ?? ''];
    const rows = chosen(all.playbooks, find, show);
    const armed = all.playbooks.filter((row) => row.mode !== 'simulate').length;
    return (
        <Stack>
            <Limits all={all} live={limits} />
            <Panel aria-label="Playbooks">
                <Spread>
                    <Row role="group" aria-label="Filters">
                        <Text
                            aria-label="Find playbooks"
                            placeholder="Find by name, resource or detection"
                            value={find}
                            onChange={(_, { value }) => go({ find: value }, true)}
                            style={{ width: 280 }}
                        />
                        <Select
                            prefixLabel="Show"
                            value={show}
                            onChange={(_, { value }) => go({ show: String(value) })}
                            style={{ maxWidth: 280 }}
                        >
                            {SHOWN.map(([name, label]) => (
                                <Select.Option key={name} label={label} value={name} />
                            ))}
                        </Select>
                        <span role="status">
                            {rows.length} of {all.playbooks.length} shown; {armed} may change something
                        </span>
                    </Row>
                    <Permissions all={all} permissions={permissions} />
                </Spread>
                {rows.length > 0 ? (
                    <PlaybookTable all={all} rows={rows} columns={permissions.columns} open={open} />
                ) : (
                    <Empty title="No playbook matches">
                        <Button label="Show all playbooks" onClick={() => go({ find: '', show: '' })} />
                    </Empty>
                )}
            </Panel>
        </Stack>
    );
}
