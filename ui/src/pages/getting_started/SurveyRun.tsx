import Button from '@splunk/react-ui/Button';

import { Muted, Row } from '../../components/layout';
import { Failed } from '../../components/Told';
import { When } from '../../components/When';
import type { Surveying } from './useSurvey';

/** Has the last 30 days looked at, and says how far that is. */
export function SurveyRun({ survey }: { survey: Surveying }) {
    const { data, isRunning } = survey;
    const isDone = data !== undefined && data.days_done >= data.days;
    const begins = data === undefined || data.days_done === 0;
    const label = isRunning
        ? `Looking: ${data?.days_done ?? 0} of ${data?.days ?? 30} days …`
        : isDone
          ? 'Look at the last 30 days again'
          : begins
            ? 'Look at the last 30 days'
            : 'Continue';
    return (
        <>
            {survey.failure && (
                <Failed
                    what="The last 30 days"
                    failure={survey.failure}
                    retry={() => survey.run(false)}
                    isStale={data !== undefined}
                />
            )}
            <Row>
                <Button label={label} disabled={isRunning} onClick={() => void survey.run(isDone)} />
                <Muted role="status">
                    {isDone && (
                        <>
                            {data.events.toLocaleString()} events of {data.with_events}{' '}
                            {data.with_events === 1 ? 'day' : 'days'}, looked at <When at={data.began_at} />
                            {data.cut > 0 && `; of ${data.cut} days only the newest 20,000 events`}
                        </>
                    )}
                    {begins && !isRunning && 'It searches 30 days, which takes about a minute.'}
                </Muted>
            </Row>
        </>
    );
}
