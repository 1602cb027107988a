import { useAddress } from '../../live/useAddress';
import { CaseView } from './CaseView';
import { EventView } from './EventView';
import { IncidentView } from './IncidentView';
import { Queue } from './Queue';

/** The queue of cases; or one of them, whoever is behind one, or an event, where the address names it. */
export function CasesPage() {
    const [address, go] = useAddress();
    const id = address.get('case') ?? '';
    const incident = address.get('incident') ?? '';
    if (address.get('event')) return <EventView address={address} go={go} />;
    if (incident) return <IncidentView id={incident} go={go} />;
    return id ? <CaseView id={id} go={go} /> : <Queue address={address} go={go} />;
}
