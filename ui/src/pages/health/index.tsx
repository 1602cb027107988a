import { mount } from '../../components/mount';
import { HealthPage } from './HealthPage';

mount('Health', <HealthPage />);
