import { mount } from '../../components/mount';
import { PlaybooksPage } from './PlaybooksPage';

mount('Playbooks', <PlaybooksPage />);
