import { start } from './charts/screen'

void start()
