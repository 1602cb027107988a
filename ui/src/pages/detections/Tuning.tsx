import Heading from '@splunk/react-ui/Heading';
import Link from '@splunk/react-ui/Link';

import type { DetectionDetail } from '../../api/answers';
import { Code, Facts, Muted, Panel } from '../../components/layout';

/** What makes it quieter: lists, macros, and the entries that except somebody from it. */
export function Tuning({ data }: { data: DetectionDetail }) {
    return (
        <Panel aria-label="Tuning">
            <Heading level={2}>Exceptions and tuning</Heading>
            <Facts>
                <dt>Exceptions</dt>
                <dd>
                    {data.exceptions.length === 0 && 'None is about this detection alone. '}
                    {data.exceptions.map((one) => (
                        <div key={`${one.principal} ${one.last_day}`}>
                            <Code>{one.principal}</Code>{' '}
                            <Muted>
                                {one.reason} ({one.owner}
                                {one.state === 'lapsed' ? ', expired' : one.last_day && `, until ${one.last_day}`})
                            </Muted>
                        </div>
                    ))}
                    <Link to={`lists?list=responder_allowed_principals&find=${encodeURIComponent(data.row.detection)}`}>
                        Allowed principals
                    </Link>
                </dd>
                {data.lists.map((one) => [
                    <dt key={`dt-${one.lookup}`}>{one.title}</dt>,
                    <dd key={`dd-${one.lookup}`}>
                        <Link to={`lists?list=${encodeURIComponent(one.lookup)}`}>
                            {one.entries} {one.entries === 1 ? 'entry' : 'entries'}
                        </Link>{' '}
                        <Muted>{one.effect}</Muted>
                    </dd>,
                ])}
                {data.macros.map((one) => [
                    <dt key={`dt-${one.name}`}>Macro</dt>,
                    <dd key={`dd-${one.name}`}>
                        <Link
                            to={`../../manager/cloudtrail_responder/admin/macros?app=cloudtrail_responder&search=${encodeURIComponent(one.name)}`}
                        >
                            {one.name}
                        </Link>{' '}
                        <Muted>{one.effect}</Muted>
                        <div>
                            <Code>{one.definition}</Code>
                        </div>
                    </dd>,
                ])}
            </Facts>
        </Panel>
    );
}
