import './charts.js'
