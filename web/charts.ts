import { start } from './charts/screen'

start()
