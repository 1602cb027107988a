import Button from '@splunk/react-ui/Button';
import Link from '@splunk/react-ui/Link';
import Select from '@splunk/react-ui/Select';
import Text from '@splunk/react-ui/Text';
import { useCallback, useEffect, useState } from 'react';

import type { KeptList } from '../../api/answers';
import { DecisionDialog, type Opened as Decision } from '../../components/decisions';
import { Muted, Panel, Row, Spread, Stack } from '../../components/layout';
import { Notice } from '../../components/Notice';
import { Title } from '../../components/Title';
import { Empty, Failed, Loading } from '../../components/Told';
import { pageOf } from '../../live/pages';
import { useAddress } from '../../live/useAddress';
import { useLive } from '../../live/useLive';
import { Entries } from './Entries';
import { EntryDialog, type Opened } from './EntryDialog';
import { Excuses } from './Excuses';
import { Export } from './Export';
import { ImportDialog, type Importing } from './ImportDialog';
import { type Asked, SilencedDialog } from './Silenced';

/** As far as the endpoint turns over. */
const PAGES = 200;

/** What gives no finding, is left alone, or goes elsewhere, and until when; and the cases that are excused. */
export function ListsPage() {
    const [address, go] = useAddress();
    const [list, find, page] = [address.get('list') ?? '', address.get('find') ?? '', pageOf(address, PAGES) + 1];
    const { data, failure, isOld, refresh } = useLive(
        'lists',
        { ...(list ? { list } : {}), ...(find ? { find } : {}), page: page - 1 },
        { keep: true, every: 60 }
    );
    const excuses = useLive('excuses', {}, { every: 60 });
    const [opened, setOpened] = useState<Opened | undefined>(undefined);
    const [importing, setImporting] = useState<Importing | undefined>(undefined);
    const [asked, setAsked] = useState<Asked | undefined>(undefined);
    const [decision, setDecision] = useState<Decision | undefined>(undefined);
    const [notice, setNotice] = useState('');
    const { refresh: refreshExcuses } = excuses;
    const done = useCallback(
        (text: string) => {
            setNotice(text);
            void refresh();
            void refreshExcuses();
        },
        [refresh, refreshExcuses]
    );
    return (
        <>
            <Spread>
                <Title part="lists">Exceptions and lists</Title>
            </Spread>
            <Notice text={notice} dismiss={() => setNotice('')} />
            {failure && <Failed what="Lists" failure={failure} retry={refresh} isStale={data !== undefined} />}
            {!data && failure && !failure.isForbidden && list !== '' && (
                <p>
                    <Link to="lists">All lists</Link>
                </p>
            )}
            {!data && !failure && <Loading what="lists" />}
            {data && (
                <Stack>
                    <Panel aria-label={data.title} aria-busy={isOld}>
                        <Controls list={data} find={find} go={go} open={setOpened} importTo={setImporting} />
                        <p>
                            {data.effect} <Summary list={data} />
                        </p>
                        {data.entries.length > 0 ? (
                            <Entries list={data} open={setOpened} ask={setAsked} />
                        ) : (
                            <None list={data} isFiltered={find !== '' || page > 1} go={go} />
                        )}
                        {(page > 1 || data.more) && (
                            <nav aria-label="Pages of the list">
                                <Row style={{ marginTop: 12 }}>
                                    <Button label="Previous" disabled={page <= 1} onClick={() => go({ page: String(page - 1) })} />
                                    <Button label="Next" disabled={!data.more} onClick={() => go({ page: String(page + 1) })} />
                                </Row>
                            </nav>
                        )}
                    </Panel>
                    <Excuses live={excuses} mayLift={data.may_lift} open={setDecision} />
                </Stack>
            )}
            <EntryDialog opened={opened} close={() => setOpened(undefined)} done={done} />
            <ImportDialog opened={importing} close={() => setImporting(undefined)} done={done} />
            <SilencedDialog asked={asked} close={() => setAsked(undefined)} />
            <DecisionDialog opened={decision} close={() => setDecision(undefined)} done={({ text }) => done(text)} />
        </>
    );
}

type Go = (changes: Record<string, string>, replace?: boolean) => void;

function Controls({
    list,
    find,
    go,
    open,
    importTo,
}: {
    list: KeptList;
    find: string;
    go: Go;
    open: (opened: Opened) => void;
    importTo: (opened: Importing) => void;
}) {
    const [typed, setTyped] = useState(find);
    // The back button and other lists choose, too.
    useEffect(() => setTyped(find), [find, list.lookup]);
    return (
        <Spread>
            <Row>
                <Select
                    prefixLabel="List"
                    value={list.lookup}
                    onChange={(_, { value }) => go({ list: String(value), find: '', page: '' })}
                >
                    {list.lists.map((one) => (
                        <Select.Option key={one.lookup} label={one.title} value={one.lookup} />
                    ))}
                </Select>
                <form
                    role="search"
                    onSubmit={(event) => {
                        event.preventDefault();
                        go({ find: typed.trim(), page: '' });
                    }}
                >
                    <Row>
                        <Text
                            aria-label="Find entries"
                            placeholder="Find entries"
                            value={typed}
                            onChange={(_, { value }) => setTyped(value)}
                            style={{ width: 220 }}
                        />
                        <Button label="Find" type="submit" />
                    </Row>
                </form>
            </Row>
            <Row>
                <Export list={list} />
                {list.may_edit && (
                    <>
                        <Button
                            label="Import CSV"
                            onClick={(event) => importTo({ list, opener: event.currentTarget as HTMLElement })}
                        />
                        <Button
                            appearance="primary"
                            label="Add an entry"
                            onClick={(event) => open({ list, opener: event.currentTarget as HTMLElement })}
                        />
                    </>
                )}
            </Row>
        </Spread>
    );
}

function Summary({ list }: { list: KeptList }) {
    const parts = [
        `${list.count} ${list.count === 1 ? 'entry' : 'entries'}`,
        list.soon > 0 && `${list.soon} ${list.soon === 1 ? 'expires' : 'expire'} within two weeks`,
        list.lapsed > 0 && `${list.lapsed} ${list.lapsed === 1 ? 'has' : 'have'} expired`,
    ];
    return <Muted role="status">{parts.filter(Boolean).join(', ')}.</Muted>;
}

function None({ list, isFiltered, go }: { list: KeptList; isFiltered: boolean; go: Go }) {
    if (isFiltered) {
        return (
            <Empty title="No entry matches">
                <Button label="Show all entries" onClick={() => go({ find: '', page: '' })} />
            </Empty>
        );
    }
    return (
        <Empty title="The list is empty">
            <p>{list.may_edit ? 'Add an entry: it counts from the next search or change on.' : 'An administrator of the app can add entries.'}</p>
        </Empty>
    );
}
