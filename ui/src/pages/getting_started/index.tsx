import { mount } from '../../components/mount';
import { StartPage } from './StartPage';

mount('Getting started', <StartPage />);
