import { mount } from '../../components/mount';
import { DetectionsPage } from './DetectionsPage';

mount('Detections', <DetectionsPage />);
