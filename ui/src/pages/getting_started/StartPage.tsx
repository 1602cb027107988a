import Button from '@splunk/react-ui/Button';
import Heading from '@splunk/react-ui/Heading';
import variables from '@splunk/themes/variables';
import { useCallback, useState } from 'react';
import styled from 'styled-components';

import type { Health, Start } from '../../api/answers';
import { Dot } from '../../components/Dot';
import { HelpLink } from '../../components/HelpLink';
import { Panel, Row, Spread, Stack } from '../../components/layout';
import { NotDone } from '../../components/NotDone';
import { Notice } from '../../components/Notice';
import { Failed, Loading } from '../../components/Told';
import { addressWith, useAddress } from '../../live/useAddress';
import { type Live, useLive } from '../../live/useLive';
import { ArmStep } from './ArmStep';
import { AwsStep } from './AwsStep';
import { CloudTrailStep } from './CloudTrailStep';
import { DetectionsStep } from './DetectionsStep';
import { JiraStep } from './JiraStep';
import { ListsStep } from './ListsStep';
import { ResponseStep } from './ResponseStep';
import { SlackStep } from './SlackStep';
import { next, STANDINGS, type Standing, standings, stepOf, STEPS, type StepName, TITLES } from './steps';
import { type Choosing, useChoice, useStart } from './useStart';
import { type Surveying, useSurvey } from './useSurvey';

const Beside = styled.div`
    display: grid;
    grid-template-columns: minmax(0, 1fr);
    gap: 16px;
    align-items: start;
    @media (min-width: 900px) {
        grid-template-columns: 216px minmax(0, 1fr);
    }
`;
const Steps = styled.ol`
    margin: 0;
    padding: 0;
    list-style: none;
    a {
        display: flex;
        flex-wrap: wrap;
        justify-content: space-between;
        gap: 2px 10px;
        padding: 9px 12px;
        border-left: 3px solid transparent;
        color: ${variables.contentColorActive};
        text-decoration: none;
    }
    a:hover {
        background-color: ${variables.interactiveColorOverlayHover};
    }
    a[aria-current='step'] {
        border-left-color: ${variables.interactiveColorPrimary};
        background-color: ${variables.interactiveColorOverlaySelected};
        font-weight: ${variables.fontWeightSemiBold};
    }
    a:focus-visible {
        outline: 2px solid ${variables.focusColor};
    }
`;
const COLORS = {
    done: variables.accentColorPositive,
    open: variables.accentColorWarning,
    optional: variables.contentColorMuted,
    problem: variables.accentColorNegative,
    unknown: variables.contentColorMuted,
} as const;

/** What every step is given. */
export interface StepProps {
    start: Start;
    choosing: Choosing;
    survey: Surveying;
    health: Live<Health>;
    refresh: () => Promise<void>;
    say: (text: string) => void;
}

const SHOWN: Record<StepName, (props: StepProps) => React.ReactNode> = {
    cloudtrail: CloudTrailStep,
    aws: AwsStep,
    jira: JiraStep,
    slack: SlackStep,
    lists: ListsStep,
    detections: DetectionsStep,
    response: ResponseStep,
    arm: ArmStep,
};
const CHECKS = ['CloudTrail found', 'CloudTrail shapes', 'CloudTrail delay'];

/** From the installed app to the first protected alert. What was done stays: the page can be left at any time. */
export function StartPage() {
    const live = useStart();
    return (
        <>
            <Spread>
                <Heading level={1} tabIndex={-1}>
                    Getting started
                </Heading>
            </Spread>
            {live.failure && (
                <Failed what="Getting started" failure={live.failure} retry={live.refresh} isStale={live.data !== undefined} />
            )}
            {!live.data && !live.failure && <Loading what="how far it has come" />}
            {live.data && <Page start={live.data} live={live} />}
        </>
    );
}

function Page({ start, live }: { start: Start; live: Live<Start> }) {
    const health = useLive('health', { checks: CHECKS }, { every: 0 });
    const choosing = useChoice(live);
    const survey = useSurvey(start.may_change);
    const [address, go] = useAddress();
    const [notice, setNotice] = useState('');
    const say = useCallback((text: string) => setNotice(text), []);
    const standing = standings(start, health.data?.level);
    const current = stepOf(address.get('step')) ?? next(standing);
    const Step = SHOWN[current];
    const follow = (step: StepName): void => {
        setNotice('');
        go({ step });
        document.querySelector<HTMLElement>('h2')?.focus();
    };
    const later = STEPS[STEPS.indexOf(current) + 1];
    return (
        <>
            <Notice text={notice} dismiss={() => setNotice('')} />
            <Beside>
                <StepList standing={standing} current={current} follow={follow} />
                <Stack>
                    <Panel aria-label={TITLES[current]}>
                        <Spread>
                            <Heading level={2} tabIndex={-1}>
                                {TITLES[current]}
                            </Heading>
                            <HelpLink page="getting-started" part={current} label="Help on this step" />
                        </Spread>
                        {!start.may_change && (
                            <p>
                                You can look at everything here. To change it, you need the role <code>admin</code> or <code>sc_admin</code>.
                            </p>
                        )}
                        {choosing.failure && (
                            <NotDone
                                title={choosing.failure.isUnknown ? 'Your choice' : 'Your choice was not saved'}
                                failure={choosing.failure}
                                looked={choosing.looked}
                            />
                        )}
                        <Step
                            start={start}
                            choosing={choosing}
                            survey={survey}
                            health={health}
                            refresh={live.refresh}
                            say={say}
                        />
                    </Panel>
                    {later && (
                        <Row>
                            <Button appearance="primary" label={`Next: ${TITLES[later]}`} onClick={() => follow(later)} />
                        </Row>
                    )}
                </Stack>
            </Beside>
        </>
    );
}

function StepList({
    standing,
    current,
    follow,
}: {
    standing: Record<StepName, Standing>;
    current: StepName;
    follow: (step: StepName) => void;
}) {
    return (
        <Panel as="nav" aria-label="Steps" style={{ padding: '8px 0' }}>
            <Steps>
                {STEPS.map((step, number) => (
                    <li key={step}>
                        <a
                            href={addressWith(window.location.search, { step })}
                            aria-current={step === current ? 'step' : undefined}
                            data-standing={standing[step]}
                            onClick={(event) => {
                                if (event.metaKey || event.ctrlKey || event.shiftKey) return;
                                event.preventDefault();
                                follow(step);
                            }}
                        >
                            <span>
                                {number + 1}. {TITLES[step]}
                            </span>
                            <Dot $color={COLORS[standing[step]]} $isSquare={standing[step] !== 'done'}>
                                {STANDINGS[standing[step]]}
                            </Dot>
                        </a>
                    </li>
                ))}
            </Steps>
        </Panel>
    );
}
